#pragma once

#include <string>

#include "gateway/dialects/dialect.h"

namespace verdict {

// What the gateway tells about itself:
//   GET /openapi.json   `document`, an OpenAPI 3.1 document of every route
//   GET /docs           Swagger UI over it, with a form to try each route
//   GET /redoc          Redoc over it, to read and to print
//   GET /docs/{file}    what the two pages load: scripts and styles, compressed, out of the program itself
// Nothing is loaded from elsewhere, and a Content-Security-Policy forbids it. Problems are application/problem+json: 404 for a
// file that the pages do not have, 406 for a caller that does not read gzip.
Dialect ApiDocsDialect(std::string document);

}  // namespace verdict
