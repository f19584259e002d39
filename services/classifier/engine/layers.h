#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/statusor.h"
#include "common/json_file.h"
#include "services/classifier/engine/linear.h"
#include "services/classifier/engine/pass.h"
#include "services/classifier/engine/tensor_source.h"

namespace verdict {

// y = (x - mean) / sqrt(variance + epsilon) * weight + bias, over the last dimension (Ba et al., arXiv:1607.06450).
struct LayerNorm {
  Tensor weight, bias;  // [width]; bias may be undefined
  double epsilon = 0;

  static LayerNorm Take(TensorSource& source, const std::string& name, int64_t width, double epsilon, bool has_bias = true);

  // x: [y.rows, y.width]; may be y's values.
  void operator()(const Pass& pass, const float* x, const Hidden& y) const;
  // Only as the input of a product.
  void operator()(const Pass& pass, const float* x, int64_t rows, const InputRows& y) const;

 private:
  NormRows Arguments(const float* x, int64_t rows) const;
};

// The activation functions that configurations name in hidden_act. Error: kInvalidArgument naming the member when it names
// another.
absl::StatusOr<Activation> ReadActivation(const JsonFile& config, const std::string& member, const std::string& fallback);

// The values of the first token of each sequence, in the pass's arena: [sequences, width].
float* FirstTokens(const Pass& pass, const float* x, int64_t width);

}  // namespace verdict
