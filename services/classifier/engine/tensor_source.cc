#include "services/classifier/engine/tensor_source.h"

#include <ATen/ATen.h>

#include <optional>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace verdict {
namespace {

std::optional<at::ScalarType> FloatingType(const std::string& dtype) {
  if (dtype == "F32") return at::kFloat;
  if (dtype == "F16") return at::kHalf;
  if (dtype == "BF16") return at::kBFloat16;
  return std::nullopt;
}

// Checkpoints converted from TensorFlow call a layer norm's weight and bias gamma and beta.
std::string OldName(const std::string& name) {
  if (absl::EndsWith(name, "LayerNorm.weight")) return name.substr(0, name.size() - 6) + "gamma";
  if (absl::EndsWith(name, "LayerNorm.bias")) return name.substr(0, name.size() - 4) + "beta";
  return name;
}

}  // namespace

void TensorSource::Fail(const std::string& name, const std::string& problem) {
  if (status_.ok()) status_ = absl::InvalidArgumentError(absl::StrCat(weights_.name(), ": tensor ", name, " ", problem));
}

const TensorView* TensorSource::Locate(const std::string& name) {
  const TensorView* view = weights_.Find(name);
  if (view == nullptr) view = weights_.Find(OldName(name));
  if (view == nullptr) Fail(name, "is missing");
  return view;
}

at::Tensor TensorSource::Convert(const std::string& name, const TensorView& view) {
  const auto type = FloatingType(view.dtype);
  if (!type) {
    Fail(name, absl::StrCat("has dtype ", view.dtype, ", expected F32, F16 or BF16"));
    return {};
  }
  // The mapping is read-only and nothing writes through the tensor; from_blob takes no const pointer.
  at::Tensor mapped = at::from_blob(const_cast<std::byte*>(view.data), view.shape, at::TensorOptions(*type));
  parameters_ += mapped.numel();
  const bool aligned = reinterpret_cast<uintptr_t>(view.data) % sizeof(float) == 0;
  if (*type == at::kFloat && aligned) return mapped;
  return *type == at::kFloat ? mapped.clone() : mapped.to(at::kFloat);
}

at::Tensor TensorSource::Take(const std::string& name, std::initializer_list<int64_t> shape) {
  const TensorView* view = Locate(name);
  if (view == nullptr) return {};
  if (view->shape != std::vector<int64_t>(shape)) {
    Fail(name, absl::StrCat("has shape [", absl::StrJoin(view->shape, ", "), "], but config.json asks for [",
                            absl::StrJoin(shape, ", "), "]"));
    return {};
  }
  return Convert(name, *view);
}

at::Tensor TensorSource::TakeRows(const std::string& name, int64_t columns) {
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
