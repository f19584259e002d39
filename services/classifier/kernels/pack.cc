#include "services/classifier/kernels/pack.h"

#include <algorithm>

#include "services/classifier/kernels/kernels.h"

namespace verdict {

void PackPanel(const uint32_t* rows, int64_t stride, int64_t outputs, int64_t dwords, uint32_t* panel) {
  constexpr int64_t kLine = 16;  // dwords of a cache line
  if (outputs < kPanel) std::fill_n(panel, dwords * kPanel, 0U);
  for (int64_t begin = 0; begin < dwords; begin += kLine) {
    const int64_t end = std::min(begin + kLine, dwords);
    for (int64_t i = 0; i < outputs; ++i) {
      const uint32_t* const row = rows + i * stride;
      for (int64_t g = begin; g < end; ++g) panel[g * kPanel + i] = row[g];
    }
  }
}

void PackPair(const uint16_t* even, const uint16_t* odd, int64_t outputs, uint32_t* to, int64_t panel_stride) {
  for (int64_t begin = 0; begin < outputs; begin += kPanel, to += panel_stride) {
    const int64_t count = std::min(kPanel, outputs - begin);
    for (int64_t i = 0; i < count; ++i) {
      to[i] = even[begin + i] | (odd == nullptr ? 0U : static_cast<uint32_t>(odd[begin + i]) << 16U);
    }
    std::fill(to + count, to + kPanel, 0U);
  }
}

void PackOne(const float* row, int64_t outputs, float* to, int64_t panel_stride) {
  for (int64_t begin = 0; begin < outputs; begin += kPanel, to += panel_stride) {
    const int64_t count = std::min(kPanel, outputs - begin);
    std::copy_n(row + begin, count, to);
    std::fill(to + count, to + kPanel, 0.0F);
  }
}

}  // namespace verdict
