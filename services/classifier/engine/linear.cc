#include "services/classifier/engine/linear.h"

#include <ATen/ATen.h>
#include <ATen/core/dispatch/Dispatcher.h>

namespace verdict {
namespace {

// oneDNN's operators have no C++ header.
template <typename Signature>
c10::TypedOperatorHandle<Signature> Operator(const char* name) {
  return c10::Dispatcher::singleton().findSchemaOrThrow(name, "").typed<Signature>();
}

at::Tensor Pack(const at::Tensor& weight) {
  static const auto& reorder =
      *new auto(Operator<at::Tensor(const at::Tensor&, std::optional<c10::SymInt>)>("mkldnn::_reorder_linear_weight"));
  static const std::optional<c10::SymInt> kAnyNumberOfRows;
  return reorder.call(weight.to(at::kBFloat16), kAnyNumberOfRows);
}

at::Tensor MultiplyPacked(const at::Tensor& x, const at::Tensor& weight, const at::Tensor& bias) {
  using Scalars = c10::List<std::optional<at::Scalar>>;
  static const auto& multiply =
      *new auto(Operator<at::Tensor(const at::Tensor&, const at::Tensor&, const std::optional<at::Tensor>&, std::string_view,
                                    Scalars, std::optional<std::string_view>)>("mkldnn::_linear_pointwise"));
  return multiply.call(x, weight, bias.defined() ? std::optional(bias) : std::nullopt, "none", Scalars(), "");
}

}  // namespace

Linear Linear::TakeExact(TensorSource& source, const std::string& name, int64_t out, int64_t in, bool has_bias) {
  Linear linear;
  linear.weight_ = source.Take(name + ".weight", {out, in});
  if (has_bias) linear.bias_ = source.Take(name + ".bias", {out});
  return linear;
}

Linear Linear::Take(TensorSource& source, const std::string& name, int64_t out, int64_t in, bool has_bias) {
  Linear linear = TakeExact(source, name, out, in, has_bias);
  if (source.precision() == Precision::kFp32 || !source.status().ok()) return linear;
  linear.weight_ = Pack(linear.weight_);
  if (has_bias) linear.bias_ = linear.bias_.to(at::kBFloat16);
  linear.packed_ = true;
  return linear;
}

at::Tensor Linear::operator()(const at::Tensor& x) const {
  return packed_ ? MultiplyPacked(x, weight_, bias_) : at::linear(x, weight_, bias_);
}

}  // namespace verdict
