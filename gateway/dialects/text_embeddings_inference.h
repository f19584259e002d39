#pragma once

#include <string>

#include "gateway/dialects/dialect.h"

namespace verdict {

struct TextEmbeddingsInferenceOptions {
  int max_client_batch_size = 32;   // texts of one request
  int max_concurrent_requests = 0;  // told by /info; 0: not known
  std::string version = {};         // of this program, told by /info
};

// The contract of text-embeddings-inference, for classifiers:
//   POST /predict, /, /invocations  {"inputs": "s" | ["a","b"] | [["s"],["a","b"],…], "truncate", "truncation_direction",
//                                   "raw_scores"} → [{"score","label"},…], all labels; of a batch a list of these. /invocations
//                                   is claimed beside one of the last three members only
//   GET  /info                      what is served
//   GET  /health, /ping, /          200, else 503
// The times that it reports in headers are the service's.
Dialect TextEmbeddingsInferenceDialect(const TextEmbeddingsInferenceOptions& options);

}  // namespace verdict
