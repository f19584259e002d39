#pragma once

#include <string>

#include "gateway/client/models_query.h"
#include "gateway/dialects/text_embeddings_inference.h"

namespace verdict {

// The body of GET /info. What this program has no number for is null; docs/dialects/text_embeddings_inference.md lists it.
std::string WriteTeiInfo(const ModelDescription& model, const TextEmbeddingsInferenceOptions& options);

}  // namespace verdict
