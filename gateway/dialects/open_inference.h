#pragma once

#include "gateway/dialects/dialect.h"

namespace verdict {

// Version 2 of the Open Inference Protocol over HTTP, as KServe and Triton speak it:
//   GET  /v2, /v2/health/live, /v2/health/ready, /v2/models
//   GET  /v2/models/{model}[/versions/{version}][/ready]
//   POST /v2/models/{model}[/versions/{version}]/infer    also /invocations, where the inputs say what they are by a datatype
//   POST /v2/repository/index
// Texts are BYTES tensors, in JSON or, with Inference-Header-Content-Length, behind it.
Dialect OpenInferenceDialect();

}  // namespace verdict
