#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/json_file.h"
#include "services/classifier/engine/linear.h"
#include "services/classifier/engine/tensor_source.h"

namespace verdict {

// The tokens of all sequences of a batch, end to end: no padding, so a sequence costs what it is long, and attention never
// crosses from one sequence into its neighbour.
struct PackedTokens {
  at::Tensor ids;                // int32 [tokens]
  at::Tensor type_ids;           // int32 [tokens]
  at::Tensor positions;          // int32 [tokens], 0-based within the sequence
  std::vector<int64_t> offsets;  // sequence i holds tokens offsets[i] to offsets[i + 1]
};

// y = (x - mean) / sqrt(variance + epsilon) * weight + bias, over the last dimension (Ba et al., arXiv:1607.06450). In fp32
// inside; y has the type of x.
struct LayerNorm {
  at::Tensor weight, bias;  // [width]; bias may be undefined
  double epsilon = 0;

  static LayerNorm Take(TensorSource& source, const std::string& name, int64_t width, double epsilon, bool has_bias = true);
  at::Tensor operator()(const at::Tensor& x) const;
};

// The activation functions that configurations name in hidden_act.
enum class Activation { kGelu, kGeluTanh, kRelu, kSilu, kTanh };

// Error: kInvalidArgument naming the member when it names another function.
absl::StatusOr<Activation> ReadActivation(const JsonFile& config, const std::string& member, const std::string& fallback);
at::Tensor Activate(at::Tensor x, Activation activation);

// softmax(q kᵀ / sqrt(width of a head) + bias) v within each sequence (Vaswani et al., arXiv:1706.03762). q, k, v: [tokens,
// hidden], the heads side by side; the result has the same shape. `bias`: [heads, length, length] of each sequence, or empty.
at::Tensor PackedAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const std::vector<int64_t>& offsets,
                           int64_t heads, const std::vector<at::Tensor>& bias = {});

// The first token of each sequence: [sequences, hidden].
at::Tensor FirstTokens(const at::Tensor& x, const std::vector<int64_t>& offsets);

}  // namespace verdict
