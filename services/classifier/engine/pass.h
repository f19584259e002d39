#pragma once

#include <cstdint>
#include <vector>

#include "services/classifier/engine/arena.h"
#include "services/classifier/engine/profile.h"
#include "services/classifier/engine/team.h"
#include "services/classifier/kernels/kernels.h"

namespace verdict {

// The tokens of all sequences of a batch, end to end: no padding, so a sequence costs what it is long, and attention never
// crosses from one sequence into its neighbour.
struct PackedTokens {
  std::vector<int32_t> ids;
  std::vector<int32_t> type_ids;
  std::vector<int64_t> offsets = {0};  // sequence i holds tokens offsets[i] to offsets[i + 1]

  int64_t tokens() const { return offsets.back(); }
  int64_t sequences() const { return static_cast<int64_t>(offsets.size()) - 1; }
  int64_t begin(int64_t sequence) const { return offsets[static_cast<size_t>(sequence)]; }
  int64_t length(int64_t sequence) const { return begin(sequence + 1) - begin(sequence); }
};

// What one forward pass computes with.
struct Pass {
  const Kernels& kernels;
  Team& team;
  std::vector<Arena>& arenas;  // one for each thread of the team
  const PackedTokens& tokens;
  Profile* profile = nullptr;  // asked for, and the team has one thread

  Arena& arena() const { return arenas[0]; }
};

// Rows that go through the feed-forward part of a layer together: their intermediate values stay in the second-level cache.
inline constexpr int64_t kRowBlock = 192;

int64_t BytesOf(NumberType type);

// Rows as the input of a product, in `arena`.
InputRows TakeInput(Arena& arena, NumberType type, int64_t rows, int64_t width);

// The rows from `row` on.
InputRows RowsFrom(const InputRows& input, int64_t row);

// The outcome of a layer: fp32 values and the same as the input of the products that follow. In fp32 both are one.
struct Hidden {
  float* values = nullptr;  // [rows, width]
  InputRows input;
  int64_t rows = 0, width = 0;

  static Hidden Take(Arena& arena, NumberType input, int64_t rows, int64_t width);
  Hidden From(int64_t row, int64_t count) const { return {values + row * width, RowsFrom(input, row), count, width}; }
};

// Calls `work(first, count)` for chunks of the rows.
void ForRows(const Pass& pass, int64_t rows, absl::FunctionRef<void(int64_t first, int64_t count)> work);

}  // namespace verdict
