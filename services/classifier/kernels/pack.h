#pragma once

#include <cstdint>

#include "services/classifier/kernels/kernels.h"

namespace verdict {

// The layouts that Product reads (see kPanel), made from rows. A dword is a group of inputs of one output: 1 fp32, 2 bf16, 4
// int8.

// Panels that hold so many outputs, or keys.
constexpr int64_t PanelsFor(int64_t outputs) { return (outputs + kPanel - 1) / kPanel; }

// One panel of weights given as rows [outputs, dwords]: dword g of output i goes to panel[g * 32 + i]. Missing outputs up to 32
// are zero.
void PackPanel(const uint32_t* rows, int64_t stride, int64_t outputs, int64_t dwords, uint32_t* panel);

// The group of two inputs whose rows are `even` and `odd` (bf16, [outputs]), for all panels: panel i begins at `to` + i *
// panel_stride. Missing outputs of the last panel are zero. `odd` may be null: an input of zeros.
void PackPair(const uint16_t* even, const uint16_t* odd, int64_t outputs, uint32_t* to, int64_t panel_stride);

// The same for one input in fp32.
void PackOne(const float* row, int64_t outputs, float* to, int64_t panel_stride);

}  // namespace verdict
