#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "gateway/dialects/dialect.h"
#include "gateway/dialects/huggingface.h"
#include "gateway/dialects/kserve.h"
#include "gateway/dialects/sagemaker.h"
#include "gateway/dialects/sentiment.h"
#include "gateway/dialects/text_embeddings_inference.h"
#include "gateway/dialects/torchserve.h"

namespace verdict {

// What the operator has chosen for the dialects.
struct DialectOptions {
  std::vector<std::string> enabled = {};  // by name; where two have the same route, the first listed answers. Empty: all
  bool api_docs = true;                   // without: no /openapi.json, /docs and /redoc, whatever is enabled
  bool metrics = true;                    // whether the document tells of /metrics
  SentimentOptions sentiment = {};
  HuggingFaceOptions huggingface = {};
  TextEmbeddingsInferenceOptions text_embeddings_inference = {};
  TorchServeOptions torchserve = {};
  KServeOptions kserve = {};
  SageMakerOptions sagemaker = {};
};

// The names of all dialects, in the order in which they answer unless told otherwise.
std::vector<std::string> DialectNames();

// The chosen dialects. Errors: kInvalidArgument for a name that is none, or is listed twice; kInternal where their parts of the
// OpenAPI document do not go together.
absl::StatusOr<std::vector<Dialect>> MakeDialects(const DialectOptions& options);

}  // namespace verdict
