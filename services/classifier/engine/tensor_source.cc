#include "services/classifier/engine/tensor_source.h"

#include <cstring>
#include <functional>
#include <numeric>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/classifier/engine/half_precision.h"

namespace verdict {
namespace {

// Checkpoints converted from TensorFlow call a layer norm's weight and bias gamma and beta.
std::string OldName(const std::string& name) {
  if (absl::EndsWith(name, "LayerNorm.weight")) return name.substr(0, name.size() - 6) + "gamma";
  if (absl::EndsWith(name, "LayerNorm.bias")) return name.substr(0, name.size() - 4) + "beta";
  return name;
}

template <typename Widen>
std::vector<float> WidenAll(const std::byte* data, int64_t count, Widen widen) {
  std::vector<float> values(static_cast<size_t>(count));
  for (size_t i = 0; i < values.size(); ++i) {
    uint16_t bits = 0;  // the file may have put it at an odd address
    std::memcpy(&bits, data + 2 * i, sizeof bits);
    values[i] = widen(bits);
  }
  return values;
}

}  // namespace

Tensor Tensor::Of(std::vector<float> values, std::vector<int64_t> shape) {
  auto copy = std::make_shared<const std::vector<float>>(std::move(values));
  const float* const data = copy->data();
  return {data, std::move(shape), std::move(copy)};
}

void TensorSource::Fail(const std::string& name, const std::string& problem) {
  if (status_.ok()) status_ = absl::InvalidArgumentError(absl::StrCat(weights_.name(), ": tensor ", name, " ", problem));
}

const TensorView* TensorSource::Locate(const std::string& name) {
  const TensorView* view = weights_.Find(name);
  if (view == nullptr) view = weights_.Find(OldName(name));
  if (view == nullptr) Fail(name, "is missing");
  return view;
}

Tensor TensorSource::Convert(const std::string& name, const TensorView& view) {
  const int64_t count = std::accumulate(view.shape.begin(), view.shape.end(), int64_t{1}, std::multiplies<>());
  parameters_ += count;
  if (view.dtype == "F16") return Tensor::Of(WidenAll(view.data, count, FromFp16), view.shape);
  if (view.dtype == "BF16") return Tensor::Of(WidenAll(view.data, count, FromBf16), view.shape);
  if (view.dtype != "F32") {
    Fail(name, absl::StrCat("has dtype ", view.dtype, ", expected F32, F16 or BF16"));
    return {};
  }
  if (reinterpret_cast<uintptr_t>(view.data) % sizeof(float) == 0) {
    return {reinterpret_cast<const float*>(view.data), view.shape, nullptr};
  }
  std::vector<float> aligned(static_cast<size_t>(count));
  std::memcpy(aligned.data(), view.data, aligned.size() * sizeof(float));
  return Tensor::Of(std::move(aligned), view.shape);
}

Tensor TensorSource::Take(const std::string& name, std::initializer_list<int64_t> shape) {
  const TensorView* view = Locate(name);
  if (view == nullptr) return {};
  if (view->shape != std::vector<int64_t>(shape)) {
    Fail(name, absl::StrCat("has shape [", absl::StrJoin(view->shape, ", "), "], but config.json asks for [",
                            absl::StrJoin(shape, ", "), "]"));
    return {};
  }
  return Convert(name, *view);
}

Tensor TensorSource::TakeRows(const std::string& name, int64_t columns) {
  const TensorView* view = Locate(name);
  if (view == nullptr) return {};
  if (view->shape.size() != 2 || view->shape[1] != columns || view->shape[0] < 1) {
    Fail(name,
         absl::StrCat("has shape [", absl::StrJoin(view->shape, ", "), "], but config.json asks for [rows, ", columns, "]"));
    return {};
  }
  return Convert(name, *view);
}

}  // namespace verdict
