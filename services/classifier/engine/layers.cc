#include "services/classifier/engine/layers.h"

#include <ATen/ATen.h>

#include "absl/strings/str_cat.h"

namespace verdict {

LayerNorm LayerNorm::Take(TensorSource& source, const std::string& name, int64_t width, double epsilon, bool has_bias) {
  return {source.Take(name + ".weight", {width}), has_bias ? source.Take(name + ".bias", {width}) : at::Tensor(), epsilon};
}

at::Tensor LayerNorm::operator()(const at::Tensor& x) const { return at::layer_norm(x, {weight.size(0)}, weight, bias, epsilon); }

absl::StatusOr<Activation> ReadActivation(const JsonFile& config, const std::string& member, const std::string& fallback) {
  const absl::StatusOr<std::string> name = config.String(member, fallback);
  if (!name.ok()) return name.status();
  if (*name == "gelu" || *name == "gelu_python") return Activation::kGelu;
  if (*name == "gelu_new" || *name == "gelu_pytorch_tanh") return Activation::kGeluTanh;
  if (*name == "relu") return Activation::kRelu;
  if (*name == "silu" || *name == "swish") return Activation::kSilu;
  if (*name == "tanh") return Activation::kTanh;
  return config.Error(
      member,
      absl::StrCat("\"", *name, "\" is not supported; supported are gelu, gelu_new, gelu_pytorch_tanh, relu, silu, tanh"));
}

at::Tensor Activate(at::Tensor x, Activation activation) {
  switch (activation) {
    case Activation::kGelu:
      return at::gelu_(x, "none");
    case Activation::kGeluTanh:
      return at::gelu_(x, "tanh");
    case Activation::kRelu:
      return at::relu_(x);
    case Activation::kSilu:
      return at::silu_(x);
    case Activation::kTanh:
      return at::tanh_(x);
  }
  return x;
}

at::Tensor PackedAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const std::vector<int64_t>& offsets,
                           int64_t heads, const std::vector<at::Tensor>& bias) {
  const int64_t hidden = q.size(1);
  const auto by_head = [&](const at::Tensor& t, int64_t begin, int64_t length) {
    return t.narrow(0, begin, length).view({1, length, heads, hidden / heads}).transpose(1, 2);
  };
  at::Tensor result = at::empty_like(q);
  for (size_t i = 0; i + 1 < offsets.size(); ++i) {
    const int64_t begin = offsets[i], length = offsets[i + 1] - offsets[i];
    const std::optional<at::Tensor> added = bias.empty() ? std::nullopt : std::optional(bias[i].to(q.scalar_type()).unsqueeze(0));
    const at::Tensor attended =
        at::scaled_dot_product_attention(by_head(q, begin, length), by_head(k, begin, length), by_head(v, begin, length), added);
    result.narrow(0, begin, length).view({1, length, heads, hidden / heads}).copy_(attended.transpose(1, 2));
  }
  return result;
}

at::Tensor FirstTokens(const at::Tensor& x, const std::vector<int64_t>& offsets) {
  const at::Tensor first = at::tensor(at::ArrayRef<int64_t>(offsets.data(), offsets.size() - 1), at::kLong);
  return x.index_select(0, first);
}

}  // namespace verdict
