#include "services/classifier/engine/post_norm.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

// The values and what products read of them.
void CopyRow(const Hidden& from, const Hidden& to) {
  std::copy_n(from.values, from.width, to.values);
  if (from.input.data == from.values) return;
  std::memcpy(to.input.data, from.input.data, static_cast<size_t>(from.width * BytesOf(from.input.type)));
  if (from.input.type != NumberType::kUint8) return;
  *to.input.scale = *from.input.scale;
  *to.input.zero = *from.input.zero;
}

class PostNormEncoder final : public Encoder {
 public:
  PostNormEncoder(PostNormParts parts, bool half) : parts_(std::move(parts)), half_(half) {
    if (!parts_.order.empty()) return;
    parts_.order.resize(parts_.layers.size());
    std::iota(parts_.order.begin(), parts_.order.end(), size_t{0});
  }

  void Forward(const Pass& pass, float* logits) const override {
    const Arena::Scope scope(pass.arena());
    const NumberType input = parts_.layers.front().query_key_value.input();
    const int64_t tokens = pass.tokens.tokens();
    const Hidden x = Hidden::Take(pass.arena(), input, tokens, parts_.shape.hidden);
    Embed(pass, x);
    const std::map<int64_t, std::vector<float>> bias = BiasOf(pass.tokens);
    const auto add = [&](const ScoreBlock& block) { AddBias(block, bias.at(block.length)); };
    const bool bf16 = half_ && AttendsToBf16(pass, x.width / parts_.shape.heads);
    const NumberType projections = bf16 ? NumberType::kBf16 : NumberType::kFp32;
    const auto attend = [&](const void* qkv, Queries queries, const InputRows& to) {
      AttentionOptions options{.queries = queries, .half = half_};
      if (parts_.distance_bias) options.add = add;
      PackedAttention(pass, AttentionOver(qkv, projections, parts_.shape), options, to);
    };
    const Hidden first = Hidden::Take(pass.arena(), input, pass.tokens.sequences(), x.width);
    const size_t last = parts_.order.size() - 1;
    const PostNormLayer::Ways ways{parts_.shape.activation, projections, attend};
    for (size_t i = 0; i < last; ++i) parts_.layers[parts_.order[i]](pass, x, ways);
    parts_.layers[parts_.order[last]].ForFirstTokens(pass, x, ways, first);
    parts_.head(pass, first.values, logits);
  }

  int max_tokens() const override { return static_cast<int>(parts_.embeddings.max_tokens().value()); }
  int vocabulary_size() const override { return static_cast<int>(parts_.embeddings.vocabulary_size()); }
  int token_types() const override { return static_cast<int>(parts_.embeddings.types()); }

 private:
  void Embed(const Pass& pass, const Hidden& x) const {
    if (!parts_.projection) return parts_.embeddings(pass, x);
    const Arena::Scope scope(pass.arena());
    const Hidden narrow = Hidden::Take(pass.arena(), NumberType::kFp32, x.rows, parts_.embeddings.width());
    parts_.embeddings(pass, narrow);
    (*parts_.projection)(pass, narrow.input, x.rows, {.values = x.values, .stride = x.width});
    if (x.input.data == x.values) return;
    ForRows(pass, x.rows, [&](int64_t first, int64_t count) {
      pass.kernels.convert(x.values + first * x.width, x.width, count, x.width, RowsFrom(x.input, first));
    });
  }

  // Of each length: once for all layers.
  std::map<int64_t, std::vector<float>> BiasOf(const PackedTokens& tokens) const {
    std::map<int64_t, std::vector<float>> bias;
    for (int64_t i = 0; parts_.distance_bias && i < tokens.sequences(); ++i) {
      std::vector<float>& of_length = bias[tokens.length(i)];
      if (of_length.empty()) of_length = parts_.distance_bias(tokens.length(i));
    }
    return bias;
  }

  static void AddBias(const ScoreBlock& block, const std::vector<float>& bias) {
    const float* const of_head = bias.data() + block.head * (2 * block.length - 1);
    for (int64_t i = 0; i < block.queries; ++i) {
      const float* const from = of_head + block.length - 1 - (block.first_query + i);
      float* const scores = block.scores + i * block.stride;
      for (int64_t j = 0; j < block.length; ++j) scores[j] += from[j];
    }
  }

  PostNormParts parts_;
  bool half_;
};

}  // namespace

PostNormLayer PostNormLayer::Take(TensorSource& source, const std::string& layer, const PostNormShape& shape,
                                  const PostNormNames& names) {
  const auto name = [&](const std::string& part) { return absl::StrCat(layer, ".", part); };
  const auto norm = [&](const std::string& part) { return LayerNorm::Take(source, name(part), shape.hidden, shape.epsilon); };
  const int64_t hidden = shape.hidden;
  return {Linear::TakeTogether(source, {name(names.query), name(names.key), name(names.value)}, {.out = hidden, .in = hidden}),
          Linear::Take(source, name(names.attention_output), {.out = hidden, .in = hidden}),
          norm(names.attention_norm),
          Linear::Take(source, name(names.intermediate), {.out = shape.intermediate, .in = hidden}),
          Linear::Take(source, name(names.output), {.out = hidden, .in = shape.intermediate}),
          norm(names.output_norm)};
}

void PostNormLayer::operator()(const Pass& pass, const Hidden& x, const Ways& ways) const {
  const Arena::Scope scope(pass.arena());
  const InputRows attended = TakeInput(pass.arena(), attention_output.input(), x.rows, x.width);
  {
    const Arena::Scope projections(pass.arena());
    const InputRows qkv = TakeInput(pass.arena(), ways.projections, x.rows, query_key_value.out());
    query_key_value(pass, x.input, x.rows, {.values = qkv.data, .stride = qkv.stride, .type = qkv.type});
    ways.attend(qkv.data, Queries::kAll, attended);
  }
  AfterAttention(pass, attended, x, ways.activation);
}

void PostNormLayer::ForFirstTokens(const Pass& pass, const Hidden& x, const Ways& ways, const Hidden& first) const {
  Arena& arena = pass.arena();
  const Arena::Scope scope(arena);
  for (int64_t i = 0; i < first.rows; ++i) CopyRow(x.From(pass.tokens.begin(i), 1), first.From(i, 1));
  const InputRows attended = TakeInput(arena, attention_output.input(), first.rows, x.width);
  {
    const Arena::Scope projections(arena);
    const int64_t stride = query_key_value.out(), bytes = BytesOf(ways.projections);
    auto* const qkv = arena.Take<std::byte>(x.rows * stride * bytes);
    if (x.width % kPanel == 0) {
      query_key_value.Part(pass, x.input, x.rows, {x.width, stride},
                           {.values = qkv + x.width * bytes, .stride = stride, .type = ways.projections});
      auto* const queries = arena.Take<std::byte>(first.rows * x.width * bytes);
      query_key_value.Part(pass, first.input, first.rows, {0, x.width},
                           {.values = queries, .stride = x.width, .type = ways.projections});
      for (int64_t i = 0; i < first.rows; ++i) {
        std::copy_n(queries + i * x.width * bytes, x.width * bytes, qkv + pass.tokens.begin(i) * stride * bytes);
      }
    } else {
      query_key_value(pass, x.input, x.rows, {.values = qkv, .stride = stride, .type = ways.projections});
    }
    ways.attend(qkv, Queries::kFirst, attended);
  }
  AfterAttention(pass, attended, first, ways.activation);
}

void PostNormLayer::AfterAttention(const Pass& pass, const InputRows& attended, const Hidden& x, Activation activation) const {
  for (int64_t first = 0; first < x.rows; first += kRowBlock) {
    FeedForward(pass, RowsFrom(attended, first), x.From(first, std::min(kRowBlock, x.rows - first)), activation);
  }
}

void PostNormLayer::FeedForward(const Pass& pass, const InputRows& attended, const Hidden& x, Activation activation) const {
  Arena& arena = pass.arena();
  const Arena::Scope scope(arena);
  auto* const sum = arena.Take<float>(x.rows * x.width);
  const Hidden middle = Hidden::Take(arena, intermediate.input(), x.rows, x.width);
  const InputRows wide = TakeInput(arena, output.input(), x.rows, intermediate.out());
  attention_output(pass, attended, x.rows, {.values = sum, .stride = x.width, .residual = x.values, .residual_stride = x.width});
  attention_norm(pass, sum, middle);
  intermediate.Into(pass, middle.input, x.rows, activation, wide);
  output(pass, wide, x.rows, {.values = sum, .stride = x.width, .residual = middle.values, .residual_stride = x.width});
  output_norm(pass, sum, x);
}

AttentionInput AttentionOver(const void* qkv, NumberType type, const PostNormShape& shape) {
  const int64_t width = shape.hidden / shape.heads;
  const auto* const parts = static_cast<const std::byte*>(qkv);
  return {.q = parts,
          .k = parts + shape.hidden * BytesOf(type),
          .v = parts + 2 * shape.hidden * BytesOf(type),
          .type = type,
          .stride = 3 * shape.hidden,
          .heads = shape.heads,
          .width = width,
          .scale = 1 / std::sqrt(static_cast<float>(width))};
}

FirstTokenHead FirstTokenHead::Take(TensorSource& source, const std::string& dense, const std::string& out, int64_t hidden,
                                    const ModelConfig& config, Activation activation) {
  return {Linear::TakeExact(source, dense, {.out = hidden, .in = hidden}),
          Linear::TakeExact(source, out, {.out = static_cast<int64_t>(config.labels.size()), .in = hidden}), activation};
}

void FirstTokenHead::operator()(const Pass& pass, const float* first, float* logits) const {
  const Arena::Scope scope(pass.arena());
  const int64_t rows = pass.tokens.sequences(), width = dense.in();
  auto* const middle = pass.arena().Take<float>(rows * width);
  dense(pass, {.data = const_cast<float*>(first), .stride = width}, rows,
        {.values = middle, .stride = width, .activation = activation});
  out(pass, {.data = middle, .stride = width}, rows, {.values = logits, .stride = out.out()});
}

std::vector<PostNormLayer> TakeLayers(TensorSource& source, const std::string& prefix, const PostNormShape& shape,
                                      const PostNormNames& names) {
  std::vector<PostNormLayer> layers;
  for (int64_t i = 0; i < shape.layers && source.ok(); ++i) {
    layers.push_back(PostNormLayer::Take(source, absl::StrCat(prefix, i), shape, names));
  }
  return layers;
}

absl::StatusOr<std::unique_ptr<Encoder>> MakePostNormEncoder(PostNormParts parts, const TensorSource& source) {
  if (!source.ok()) return source.status();
  return std::make_unique<PostNormEncoder>(std::move(parts), source.options().precision != Precision::kFp32);
}

}  // namespace verdict
