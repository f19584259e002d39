#pragma once

#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace verdict {

// Attention in which a token sees those at most `reach` places away (Beltagy et al., arXiv:2004.05150), within each sequence. The
// cost grows with the length, not with its square. q, k, v: [tokens, heads, width]; the result: [tokens, heads * width].
at::Tensor LocalAttention(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const std::vector<int64_t>& offsets,
                          int64_t reach);

}  // namespace verdict
