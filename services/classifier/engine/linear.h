#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>

#include "services/classifier/engine/tensor_source.h"

namespace verdict {

// y = x Wᵀ + b. x: [tokens, in], y: [tokens, out], both in the linear's precision.
class Linear {
 public:
  // In the precision of the source. In fp32 the weight stays where it lies; in bf16 it is converted, and laid out as oneDNN reads
  // it fastest.
  static Linear Take(TensorSource& source, const std::string& name, int64_t out, int64_t in, bool has_bias = true);

  // In fp32, whatever the source's precision: for products that are too small to matter.
  static Linear TakeExact(TensorSource& source, const std::string& name, int64_t out, int64_t in, bool has_bias = true);

  at::Tensor operator()(const at::Tensor& x) const;

 private:
  bool packed_ = false;
  at::Tensor weight_;  // [out, in]; when packed, opaque
  at::Tensor bias_;    // [out], or undefined
};

}  // namespace verdict
