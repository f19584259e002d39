#include "services/classifier/engine/post_norm.h"

#include <ATen/ATen.h>

#include <numeric>
#include <utility>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

class PostNormEncoder final : public Encoder {
 public:
  explicit PostNormEncoder(PostNormParts parts) : parts_(std::move(parts)) {
    if (!parts_.order.empty()) return;
    parts_.order.resize(parts_.layers.size());
    std::iota(parts_.order.begin(), parts_.order.end(), size_t{0});
  }

  at::Tensor Forward(const PackedTokens& tokens) const override {
    at::Tensor x = parts_.embeddings(tokens);
    if (parts_.projection) x = (*parts_.projection)(x);
    x = x.to(TypeOf(parts_.precision));
    const std::vector<at::Tensor> bias = BiasOf(tokens.offsets);
    const auto attend = [&](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
      return PackedAttention(q, k, v, tokens.offsets, parts_.shape.heads, bias);
    };
    for (const size_t layer : parts_.order) x = parts_.layers[layer](x, parts_.shape.activation, attend);
    return parts_.head(x, tokens.offsets);
  }

  int max_tokens() const override { return static_cast<int>(parts_.embeddings.max_tokens().value()); }
  int vocabulary_size() const override { return static_cast<int>(parts_.embeddings.vocabulary_size()); }

 private:
  // Of each sequence: once for all layers.
  std::vector<at::Tensor> BiasOf(const std::vector<int64_t>& offsets) const {
    std::vector<at::Tensor> bias;
    for (size_t i = 0; parts_.attention_bias && i + 1 < offsets.size(); ++i) {
      bias.push_back(parts_.attention_bias(offsets[i + 1] - offsets[i]));
    }
    return bias;
  }

  PostNormParts parts_;
};

}  // namespace

PostNormLayer PostNormLayer::Take(TensorSource& source, const std::string& layer, const PostNormShape& shape,
                                  const PostNormNames& names) {
  const auto linear = [&](const std::string& name, int64_t out, int64_t in) {
    return Linear::Take(source, absl::StrCat(layer, ".", name), out, in);
  };
  const auto norm = [&](const std::string& name) {
    return LayerNorm::Take(source, absl::StrCat(layer, ".", name), shape.hidden, shape.epsilon);
  };
  return {linear(names.query, shape.hidden, shape.hidden),
          linear(names.key, shape.hidden, shape.hidden),
          linear(names.value, shape.hidden, shape.hidden),
          linear(names.attention_output, shape.hidden, shape.hidden),
          norm(names.attention_norm),
          linear(names.intermediate, shape.intermediate, shape.hidden),
          linear(names.output, shape.hidden, shape.intermediate),
          norm(names.output_norm)};
}

at::Tensor PostNormLayer::operator()(const at::Tensor& x, Activation activation, Attend attend) const {
  const at::Tensor middle = attention_norm(attention_output(attend(query(x), key(x), value(x))) + x);
  return output_norm(output(Activate(intermediate(middle), activation)) + middle);
}

FirstTokenHead FirstTokenHead::Take(TensorSource& source, const std::string& dense, const std::string& out, int64_t hidden,
                                    const ModelConfig& config, Activation activation) {
  return {Linear::TakeExact(source, dense, hidden, hidden),
          Linear::TakeExact(source, out, static_cast<int64_t>(config.labels.size()), hidden), activation};
}

at::Tensor FirstTokenHead::operator()(const at::Tensor& x, const std::vector<int64_t>& offsets) const {
  return out(Activate(dense(FirstTokens(x, offsets).to(at::kFloat)), activation));
}

std::vector<PostNormLayer> TakeLayers(TensorSource& source, const std::string& prefix, const PostNormShape& shape,
                                      const PostNormNames& names) {
  std::vector<PostNormLayer> layers;
  for (int64_t i = 0; i < shape.layers && source.status().ok(); ++i) {
    layers.push_back(PostNormLayer::Take(source, absl::StrCat(prefix, i), shape, names));
  }
  return layers;
}

absl::StatusOr<std::unique_ptr<Encoder>> MakePostNormEncoder(PostNormParts parts, const TensorSource& source) {
  if (!source.status().ok()) return source.status();
  parts.precision = source.precision();
  return std::make_unique<PostNormEncoder>(std::move(parts));
}

}  // namespace verdict
