#include "services/classifier/engine/embeddings.h"

#include <algorithm>

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
    embeddings.projection_ =
        Linear::TakeExact(source, options.prefix + "embed_proj", {.out = norm_width, .in = options.width, .has_bias = false});
  }
  embeddings.norm_ = LayerNorm::Take(source, options.prefix + "LayerNorm", norm_width, options.epsilon);
  return embeddings;
}

std::optional<int64_t> Embeddings::max_tokens() const {
  if (!positions_.defined()) return std::nullopt;
  return positions_.rows() - rule_.first;
}

void Embeddings::Sum(const PackedTokens& tokens, int64_t sequence, float* x) const {
  const int64_t width = words_.shape[1];
  int64_t next = rule_.first;
  for (int64_t i = 0; i < tokens.length(sequence); ++i) {
    const auto token = static_cast<size_t>(tokens.begin(sequence) + i);
    const int32_t id = tokens.ids[token];
    const float* const word = words_.row(id);
    float* const y = x + i * width;
    std::copy_n(word, width, y);
    if (types_.defined()) {
      // A model of one token type (type_vocab_size 1) reads every token as type 0.
      const float* const type = types_.row(types() == 0 ? 0 : tokens.type_ids[token]);
      for (int64_t j = 0; j < width; ++j) y[j] += type[j];
    }
    if (!positions_.defined()) continue;
    const float* const position = positions_.row(rule_.skipped_id == id ? rule_.first - 1 : next++);
    for (int64_t j = 0; j < width; ++j) y[j] += position[j];
  }
}

void Embeddings::operator()(const Pass& pass, const Hidden& y) const {
  const Profile::Span span(pass.profile, "embeddings");
  const Arena::Scope scope(pass.arena());
  const int64_t width = words_.shape[1];
  float* const sum = projection_ ? pass.arena().Take<float>(y.rows * width) : y.values;
  for (int64_t i = 0; i < pass.tokens.sequences(); ++i) Sum(pass.tokens, i, sum + pass.tokens.begin(i) * width);
  if (projection_) (*projection_)(pass, {.data = sum, .stride = width}, y.rows, {.values = y.values, .stride = y.width});
  norm_(pass, y.values, y);
}

}  // namespace verdict
