#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <initializer_list>
#include <string>

#include "absl/status/status.h"
#include "services/classifier/engine/precision.h"
#include "services/classifier/model/safetensors.h"

namespace verdict {

// Hands tensors of `Weights` to a builder as fp32 LibTorch tensors, checking each one's shape. The first thing that is wrong is
// remembered, so that a builder reads as a list of tensors and asks for status() once, at its end. Not thread-safe.
class TensorSource {
 public:
  // `weights` must outlive every tensor taken: F32 tensors are views of the mapped file.
  // `precision` is what builders are to compute in; it does not change what Take returns.
  TensorSource(const Weights& weights, Precision precision) : weights_(weights), precision_(precision) {}

  // The tensor `name` in fp32 (F16 and BF16 are widened). Undefined when it is missing, has another shape or no floating type.
  at::Tensor Take(const std::string& name, std::initializer_list<int64_t> shape);

  // Rows of a tensor [n, columns] whose n the file decides, as embeddings do.
  at::Tensor TakeRows(const std::string& name, int64_t columns);

  bool Has(const std::string& name) const { return weights_.Find(name) != nullptr; }

  Precision precision() const { return precision_; }

  // kInvalidArgument: which tensor of which file was missing or wrong first.
  const absl::Status& status() const { return status_; }
  int64_t parameters() const { return parameters_; }

 private:
  at::Tensor Convert(const std::string& name, const TensorView& view);
  const TensorView* Locate(const std::string& name);
  void Fail(const std::string& name, const std::string& problem);

  const Weights& weights_;
  Precision precision_;
  absl::Status status_;
  int64_t parameters_ = 0;
};

}  // namespace verdict
