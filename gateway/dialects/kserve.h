#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/dialects/dialect.h"

namespace verdict {

// What stands in "predictions" for one text. With parameters.top_k it is a list of the first two, and cuts the third.
enum class KServePredictions {
  kLabels,         // {"label":"…","score":0.98}
  kIds,            // the number of the label: what the Hugging Face server of KServe answers by itself
  kProbabilities,  // {"0":0.02,"1":0.98}, by number: what it answers with return_probabilities
};

// "labels", "ids" or "probabilities"; nothing for another word.
std::optional<KServePredictions> ParseKServePredictions(std::string_view word);

struct KServeOptions {
  KServePredictions predictions = KServePredictions::kLabels;
  std::string vertex_predict_route = {};  // of Vertex AI; empty: none
  std::string vertex_health_route = {};
};

// Version 1 of KServe's protocol, and the custom containers of Vertex AI, which have it at routes of their own:
//   POST /v1/models/{model}:predict  {"instances": […], "parameters": {…}} → {"predictions": […]}
//   GET  /v1/models , /v1/models/{model}
// Errors are {"error":"…"}. At the route of Vertex the body is claimed weakly, because others know "instances", too.
Dialect KServeDialect(const KServeOptions& options);

}  // namespace verdict
