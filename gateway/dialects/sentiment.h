#pragma once

#include <string>

#include "gateway/dialects/dialect.h"

namespace verdict {

// What the operator has chosen for the sentiment service's contract.
struct SentimentOptions {
  std::string service_name = "sentiment-inference-service";
  size_t max_batch_size = 100;
  std::string model_uri = "models:/prod-sentiment-classifier/Production";  // what /models/info says
};

// The REST contract of the sentiment service:
//   GET  /               where things are
//   GET  /health         200 always; model_loaded: whether the service answers
//   GET  /models/info    the default model
//   POST /predict        {"text"} → {"text","sentiment","confidence","model_version"}: the top label
//   POST /predict_batch  {"texts":[…]} → {"predictions":[…]}
// Bodies are read as JSON whatever Content-Type says. What cannot be meant is a 422 with the body that FastAPI writes, found
// before anything else; see ReadSentimentText.
Dialect SentimentDialect(const SentimentOptions& options);

// A problem as the contract writes it, {"detail":…}; on a port of its own also of what no route answers ("Not Found").
HttpResponse WriteSentimentProblem(const HttpRequest& request, const Problem& problem);

}  // namespace verdict
