#pragma once

#include "gateway/client/classifier_client.h"
#include "gateway/http/problem.h"
#include "gateway/json/json_body.h"

namespace verdict {

// What a request to /predict of text-embeddings-inference asks for.
struct TeiRequest {
  ClassifyCall call;
  bool batch = false;     // a list of sequences, answered by a list of lists
  size_t characters = 0;  // of all texts
};

// Reads {"inputs", "truncate", "truncation_direction", "raw_scores"}. `inputs` is a text, a pair ["a","b"], or a batch
// [["s"],["a","b"],…]. Problems: malformed JSON 400; a body of another form, or more than `max_batch` sequences, 422 Validation;
// no text at all 400 Empty.
ProblemOr<TeiRequest> ReadTeiRequest(JsonBody& body, int max_batch);

}  // namespace verdict
