#include "services/classifier/engine/layers.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace verdict {

LayerNorm LayerNorm::Take(TensorSource& source, const std::string& name, int64_t width, double epsilon, bool has_bias) {
  return {source.Take(name + ".weight", {width}), has_bias ? source.Take(name + ".bias", {width}) : Tensor(), epsilon};
}

NormRows LayerNorm::Arguments(const float* x, int64_t rows) const {
  const int64_t width = weight.rows();
  return {.x = x,
          .x_stride = width,
          .rows = rows,
          .width = width,
          .weight = weight.data,
          .bias = bias.data,
          .epsilon = static_cast<float>(epsilon),
          .y_stride = width};
}

void LayerNorm::operator()(const Pass& pass, const float* x, const Hidden& y) const {
  const Profile::Span span(pass.profile, "layer norm");
  ForRows(pass, y.rows, [&](int64_t first, int64_t count) {
    const Hidden to = y.From(first, count);
    NormRows norm = Arguments(x + first * y.width, count);
    norm.y = to.values;
    if (to.input.data != to.values) norm.input = to.input;
    pass.kernels.norm(norm);
  });
}

void LayerNorm::operator()(const Pass& pass, const float* x, int64_t rows, const InputRows& y) const {
  const Profile::Span span(pass.profile, "layer norm");
  ForRows(pass, rows, [&](int64_t first, int64_t count) {
    NormRows norm = Arguments(x + first * weight.rows(), count);
    norm.input = RowsFrom(y, first);
    pass.kernels.norm(norm);
  });
}

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

float* FirstTokens(const Pass& pass, const float* x, int64_t width) {
  auto* const first = pass.arena().Take<float>(pass.tokens.sequences() * width);
  for (int64_t i = 0; i < pass.tokens.sequences(); ++i) {
    std::copy_n(x + pass.tokens.begin(i) * width, width, first + i * width);
  }
  return first;
}

}  // namespace verdict
