#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "services/classifier/engine/encoder.h"

namespace verdict {

// The …ForSequenceClassification models of transformers, one file each, named by model_type; encoder.cc holds the table. Each is
// an EncoderBuilder.

// Lan et al., arXiv:1909.11942: factorised embeddings, layers that share their weights.
absl::StatusOr<std::unique_ptr<Encoder>> BuildAlbert(const ModelConfig& config, TensorSource& source);
// Devlin et al., arXiv:1810.04805.
absl::StatusOr<std::unique_ptr<Encoder>> BuildBert(const ModelConfig& config, TensorSource& source);
// He et al., arXiv:2006.03654 (v2) and arXiv:2111.09543 (v3): attention over contents and relative positions.
absl::StatusOr<std::unique_ptr<Encoder>> BuildDebertaV2(const ModelConfig& config, TensorSource& source);
// Sanh et al., arXiv:1910.01108: BERT without token types and pooler.
absl::StatusOr<std::unique_ptr<Encoder>> BuildDistilBert(const ModelConfig& config, TensorSource& source);
// Clark et al., arXiv:2003.10555: the discriminator, whose embeddings may be narrower than its layers.
absl::StatusOr<std::unique_ptr<Encoder>> BuildElectra(const ModelConfig& config, TensorSource& source);
// Warner et al., arXiv:2412.13663: pre-norm layers, rotary positions, attention alternately global and local.
absl::StatusOr<std::unique_ptr<Encoder>> BuildModernBert(const ModelConfig& config, TensorSource& source);
// Song et al., arXiv:2004.09297: a bias by distance on the attention scores, shared by all layers.
absl::StatusOr<std::unique_ptr<Encoder>> BuildMpNet(const ModelConfig& config, TensorSource& source);
// Liu et al., arXiv:1907.11692; also CamemBERT (arXiv:1911.03894) and XLM-RoBERTa (arXiv:1911.02116).
absl::StatusOr<std::unique_ptr<Encoder>> BuildRoberta(const ModelConfig& config, TensorSource& source);

}  // namespace verdict
