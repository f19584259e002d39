#include "services/classifier/engine/embeddings.h"

#include <ATen/ATen.h>

namespace verdict {

Embeddings Embeddings::Take(TensorSource& source, const Options& options) {
  Embeddings embeddings;
  embeddings.rule_ = options.positions;
  embeddings.words_ = source.TakeRows(options.prefix + "word_embeddings.weight", options.width);
  if (options.has_positions) {
    embeddings.positions_ = source.TakeRows(options.prefix + "position_embeddings.weight", options.width);
  }
  if (options.has_types) embeddings.types_ = source.TakeRows(options.prefix + "token_type_embeddings.weight", options.width);
  const int64_t norm_width = options.norm_width == 0 ? options.width : options.norm_width;
  if (norm_width != options.width) {
    embeddings.projection_ = source.Take(options.prefix + "embed_proj.weight", {norm_width, options.width});
  }
  embeddings.norm_ = LayerNorm::Take(source, options.prefix + "LayerNorm", norm_width, options.epsilon);
  return embeddings;
}

std::optional<int64_t> Embeddings::max_tokens() const {
  if (!positions_.defined()) return std::nullopt;
  return positions_.size(0) - rule_.first;
}

at::Tensor Embeddings::PositionsOf(const PackedTokens& tokens) const {
  if (!rule_.skipped_id) return rule_.first == 0 ? tokens.positions : tokens.positions + rule_.first;
  at::Tensor rows = at::empty_like(tokens.ids);
  const auto* ids = tokens.ids.data_ptr<int32_t>();
  auto* row = rows.data_ptr<int32_t>();
  const auto first = static_cast<int32_t>(rule_.first);
  for (size_t i = 0; i + 1 < tokens.offsets.size(); ++i) {
    int32_t next = first;
    for (int64_t j = tokens.offsets[i]; j < tokens.offsets[i + 1]; ++j) row[j] = ids[j] == *rule_.skipped_id ? first - 1 : next++;
  }
  return rows;
}

at::Tensor Embeddings::operator()(const PackedTokens& tokens) const {
  at::Tensor x = at::embedding(words_, tokens.ids);
  // A model of one token type (type_vocab_size 1) reads every token as type 0.
  if (types_.defined()) x.add_(types_.size(0) > 1 ? at::embedding(types_, tokens.type_ids) : types_);
  if (positions_.defined()) x.add_(at::embedding(positions_, PositionsOf(tokens)));
  if (projection_.defined()) x = at::linear(x, projection_);
  return norm_(x);
}

}  // namespace verdict
