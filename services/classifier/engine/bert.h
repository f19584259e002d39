#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "services/classifier/engine/encoder.h"

namespace verdict {

// BertForSequenceClassification of transformers (Devlin et al., arXiv:1810.04805): embeddings with absolute positions, post-norm
// layers, pooler tanh(W x) on the first token, linear classifier.
absl::StatusOr<std::unique_ptr<Encoder>> BuildBert(const ModelConfig& config, TensorSource& source);

}  // namespace verdict
