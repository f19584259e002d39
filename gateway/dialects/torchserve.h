#pragma once

#include "gateway/dialects/dialect.h"

namespace verdict {

struct TorchServeOptions {
  int top_k = 5;  // labels of an answer; 0: all
};

// The inference API of TorchServe with a text classifier:
//   POST|PUT /predictions/{model}[/{version}]  see ReadTorchServeRequest → {"label": score, …}, best first; {"instances": […]} is
//                                              answered by {"predictions": […]}
//   GET      /ping                             {"status":"Healthy"}, else 500 and "Unhealthy"
// Errors are {"code","type","message"}; overload is a 503, as there.
Dialect TorchServeDialect(const TorchServeOptions& options);

}  // namespace verdict
