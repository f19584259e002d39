#pragma once

#include <functional>
#include <string>

#include "absl/status/statusor.h"
#include "gateway/dialects/dialect.h"

namespace verdict {

// What the gateway tells about itself:
//   GET /openapi.json   an OpenAPI 3.1 document of every route: made by `make_document` when it is first asked for, and kept
//   GET /docs           Swagger UI over it, with a form to try each route
//   GET /redoc          Redoc over it, to read and to print
//   GET /docs/{file}    what the two pages load: scripts and styles, compressed, out of the program itself
// Nothing is loaded from elsewhere, and a Content-Security-Policy forbids it. Problems are application/problem+json: 404 for a
// file that the pages do not have, 406 for a caller that does not read gzip, 500 where the document cannot be made.
Dialect ApiDocsDialect(std::function<absl::StatusOr<std::string>()> make_document);

}  // namespace verdict
