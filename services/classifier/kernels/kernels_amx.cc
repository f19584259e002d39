#define VERDICT_VECTOR_BYTES 64
#include <sys/syscall.h>
#include <unistd.h>

#include "services/classifier/kernels/amx_tiles.h"
#include "services/classifier/kernels/instruction_sets.h"
#include "services/classifier/kernels/kernel_templates.h"

namespace verdict {
namespace {

constexpr int64_t kBlock = 32;      // rows of two tiles
constexpr int64_t kTileBytes = 64;  // of a row of a tile: so many inputs are multiplied at once

// One panel of up to 32 rows: the sums go to `sums`, [rows, 32].
template <typename Tiles, bool kBytes>
void TileSums(const Product& p, int64_t row, int upper, int lower, int64_t panel, uint32_t* sums) {
  constexpr int64_t kSize = kBytes ? 1 : 2, kWeights = kPanel * 4;  // bytes of an input, and of a group of weights
  const int64_t stride = p.a_stride * kSize;
  const char* a = static_cast<const char*>(p.a) + row * stride;
  const char* b = static_cast<const char*>(p.b) + panel * p.b_stride * kSize;
  Tiles::ZeroUpper();
  if (lower > 0) Tiles::ZeroLower();
  for (int64_t k = 0; k < p.depth * kSize; k += kTileBytes) {
    Tiles::LoadWeights(b, kWeights);
    Tiles::LoadUpper(a + k, stride);
    Tiles::template AddUpper<kBytes>();
    if (lower > 0) {
      Tiles::LoadLower(a + k + upper * stride, stride);
      Tiles::template AddLower<kBytes>();
    }
    b += kTileBytes / 4 * kWeights;
  }
  Tiles::StoreUpper(sums, kPanel * 4);
  if (lower > 0) Tiles::StoreLower(sums + upper * kPanel, kPanel * 4);
}

template <bool kBytes>
void FinishRow(const Product& p, int64_t row, int64_t column, const uint32_t* sums) {
  Floats values[kVectors];
  for (int i = 0; i < kVectors; ++i) {
    if constexpr (kBytes) {
      const Ints sum = *reinterpret_cast<const IntsAt*>(sums + i * kLanes);
      const Ints column_sum = *reinterpret_cast<const IntsAt*>(p.column_sum + column + i * kLanes);
      values[i] = Int8Dot::Value(sum - column_sum * p.row_zero[row]);
    } else {
      values[i] = *reinterpret_cast<const FloatsAt*>(sums + i * kLanes);
    }
  }
  Finish(p, row, column, values);
}

// Which kernel runs depends on the depth alone, so that a row is computed alike whatever the number of rows.
template <typename Tiles, bool kBytes>
void MultiplyTiles(const Product& p, int64_t first, int64_t last) {
  constexpr int64_t kSize = kBytes ? 1 : 2;
  if (p.depth * kSize % kTileBytes != 0) {
    const Kernels& panels = *KernelsOfAvx512Bf16();
    return kBytes ? panels.int8(p, first, last) : panels.bf16(p, first, last);
  }
  alignas(64) uint32_t sums[kBlock * kPanel];
  int configured = -1;
  const int64_t blocks = (p.rows + kBlock - 1) / kBlock;
  for (int64_t panel = first; panel < last; ++panel) {
    for (int64_t i = 0; i < blocks; ++i) {
      const int64_t row = p.rows * i / blocks;
      const int rows = static_cast<int>(p.rows * (i + 1) / blocks - row), upper = (rows + 1) / 2, lower = rows / 2;
      if (rows != configured) Tiles::Configure(TileConfig(upper, lower));
      configured = rows;
      TileSums<Tiles, kBytes>(p, row, upper, lower, panel, sums);
      for (int r = 0; r < rows; ++r) FinishRow<kBytes>(p, row + r, panel * kPanel, sums + r * kPanel);
    }
  }
  Tiles::Release();
}

template <typename Tiles>
Kernels MakeAmxKernels(const char* name) {
  Kernels kernels = *KernelsOfAvx512Bf16();
  kernels.name = name;
  kernels.bf16 = MultiplyTiles<Tiles, false>;
  kernels.int8 = MultiplyTiles<Tiles, true>;
  return kernels;
}

// The same numbers through two kernels; small integers, so that both are exact in any order.
bool Agree(Multiply ours, Multiply theirs, bool bytes) {
  constexpr int64_t kRows = 37, kDepth = 128, kColumns = 64;
  alignas(64) static uint8_t a[kRows * kDepth * 2], b[kColumns * kDepth * 2];
  static float wanted[kRows * kColumns], got[kRows * kColumns];
  static int32_t zero[kRows], sum[kColumns];
  uint32_t state = 1;
  const auto next = [&] { return (state = state * 1664525u + 1013904223u) >> 28; };
  const auto fill = [&](uint8_t* to, int64_t count) {
    for (int64_t i = 0; i < count; ++i) {
      if (bytes) {
        to[i] = static_cast<uint8_t>(next());
      } else {
        const uint16_t half = OneToBf16(static_cast<float>(next()));
        __builtin_memcpy(to + 2 * i, &half, 2);
      }
    }
  };
  fill(a, kRows * kDepth);
  fill(b, kColumns * kDepth);
  Product p;
  p.a = a;
  p.a_stride = kDepth;
  p.rows = kRows;
  p.b = b;
  p.b_stride = kPanel * kDepth;
  p.depth = kDepth;
  p.columns = kColumns;
  p.c_stride = kColumns;
  if (bytes) {
    p.row_zero = zero;
    p.column_sum = sum;
  }
  p.c = wanted;
  theirs(p, 0, 2);
  p.c = got;
  ours(p, 0, 2);
  return __builtin_memcmp(wanted, got, sizeof got) == 0;
}

}  // namespace

const Kernels* KernelsOfAmx() {
  static const Kernels kKernels = MakeAmxKernels<HardwareTiles>("amx");
  return &kKernels;
}

const Kernels* KernelsOfEmulatedAmx() {
  static const Kernels kKernels = MakeAmxKernels<SoftwareTiles>("emulated_amx");
  return &kKernels;
}

bool AmxWorks() {
  constexpr int kRequestPermission = 0x1023, kTileData = 18;  // ARCH_REQ_XCOMP_PERM, XFEATURE_XTILE_DATA
  if (syscall(SYS_arch_prctl, kRequestPermission, kTileData) != 0) return false;
  const Kernels &ours = *KernelsOfAmx(), &theirs = *KernelsOfAvx512Bf16();
  return Agree(ours.bf16, theirs.bf16, false) && Agree(ours.int8, theirs.int8, true);
}

}  // namespace verdict
