// The tiles of AMX, and the same in software; included by kernels_amx.cc. Intel 64 and IA-32 Architectures Software Developer's
// Manual, volume 2, TDPBF16PS and TDPBUSD.
#pragma once

#include <immintrin.h>

#include <cstdint>

namespace verdict {
namespace {  // NOLINT(google-build-namespaces): for one file, as kernel_templates.h

// Two rows of tiles hold sums (0 and 1, 2 and 3), two hold inputs (4, 5) and two weights (6, 7).
struct TileConfig {
  uint8_t palette = 1, start_row = 0;
  uint8_t reserved[14] = {};
  uint16_t row_bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  uint8_t rows[16] = {};

  // `upper` and `lower` rows of sums and inputs, each up to 16; weights always have 16.
  TileConfig(int upper, int lower) {
    const int of_tile[8] = {upper, upper, lower, lower, upper, lower, 16, 16};
    for (int i = 0; i < 8; ++i) {
      rows[i] = static_cast<uint8_t>(of_tile[i]);
      if (of_tile[i] == 0) row_bytes[i] = 0;
    }
  }
};
static_assert(sizeof(TileConfig) == 64);

struct HardwareTiles {
  static void Configure(const TileConfig& config) {
    // The intrinsic tells the compiler of the first eight bytes only.
    asm volatile("" : : "r"(&config) : "memory");
    _tile_loadconfig(&config);
  }
  static void Release() { _tile_release(); }
  static void ZeroUpper() {
    _tile_zero(0);
    _tile_zero(1);
  }
  static void ZeroLower() {
    _tile_zero(2);
    _tile_zero(3);
  }
  static void LoadUpper(const void* a, int64_t stride) { _tile_loadd(4, a, stride); }
  static void LoadLower(const void* a, int64_t stride) { _tile_loadd(5, a, stride); }
  static void LoadWeights(const void* b, int64_t stride) {
    _tile_loadd(6, b, stride);
    _tile_loadd(7, static_cast<const char*>(b) + 64, stride);
  }
  template <bool kBytes>
  static void AddUpper() {
    if constexpr (kBytes) {
      _tile_dpbusd(0, 4, 6);
      _tile_dpbusd(1, 4, 7);
    } else {
      _tile_dpbf16ps(0, 4, 6);
      _tile_dpbf16ps(1, 4, 7);
    }
  }
  template <bool kBytes>
  static void AddLower() {
    if constexpr (kBytes) {
      _tile_dpbusd(2, 5, 6);
      _tile_dpbusd(3, 5, 7);
    } else {
      _tile_dpbf16ps(2, 5, 6);
      _tile_dpbf16ps(3, 5, 7);
    }
  }
  static void StoreUpper(void* c, int64_t stride) {
    _tile_stored(0, c, stride);
    _tile_stored(1, static_cast<char*>(c) + 64, stride);
  }
  static void StoreLower(void* c, int64_t stride) {
    _tile_stored(2, c, stride);
    _tile_stored(3, static_cast<char*>(c) + 64, stride);
  }
};

struct SoftwareTiles {
  static inline thread_local uint32_t tiles[8][16][16];
  static inline thread_local TileConfig current{0, 0};

  static void Configure(const TileConfig& config) { current = config; }
  static void Release() {}
  static void Zero(int tile) { __builtin_memset(tiles[tile], 0, sizeof tiles[tile]); }
  static void Load(int tile, const void* from, int64_t stride) {
    Zero(tile);
    for (int row = 0; row < current.rows[tile]; ++row) {
      __builtin_memcpy(tiles[tile][row], static_cast<const char*>(from) + row * stride, current.row_bytes[tile]);
    }
  }
  static void StoreTile(int tile, void* to, int64_t stride) {
    for (int row = 0; row < current.rows[tile]; ++row) {
      __builtin_memcpy(static_cast<char*>(to) + row * stride, tiles[tile][row], current.row_bytes[tile]);
    }
  }
  static float Half(uint32_t pair, int place) { return __builtin_bit_cast(float, place == 0 ? pair << 16 : pair & 0xffff0000u); }
  template <bool kBytes>
  static void Add(int c, int a, int b) {
    for (int row = 0; row < current.rows[a]; ++row) {
      for (int column = 0; column < 16; ++column) {
        uint32_t& sum = tiles[c][row][column];
        float halves[2] = {};
        for (int k = 0; k < 16; ++k) {
          const uint32_t x = tiles[a][row][k], y = tiles[b][k][column];
          for (int i = 0; i < (kBytes ? 4 : 2); ++i) {
            if constexpr (kBytes) {
              sum +=
                  static_cast<uint32_t>(static_cast<int32_t>(static_cast<uint8_t>(x >> 8 * i)) * static_cast<int8_t>(y >> 8 * i));
            } else {
              halves[i] += Half(x, i) * Half(y, i);
            }
          }
        }
        if constexpr (!kBytes) sum = __builtin_bit_cast(uint32_t, __builtin_bit_cast(float, sum) + (halves[0] + halves[1]));
      }
    }
  }
  static void ZeroUpper() { Zero(0), Zero(1); }
  static void ZeroLower() { Zero(2), Zero(3); }
  static void LoadUpper(const void* a, int64_t stride) { Load(4, a, stride); }
  static void LoadLower(const void* a, int64_t stride) { Load(5, a, stride); }
  static void LoadWeights(const void* b, int64_t stride) {
    Load(6, b, stride);
    Load(7, static_cast<const char*>(b) + 64, stride);
  }
  template <bool kBytes>
  static void AddUpper() {
    Add<kBytes>(0, 4, 6);
    Add<kBytes>(1, 4, 7);
  }
  template <bool kBytes>
  static void AddLower() {
    Add<kBytes>(2, 5, 6);
    Add<kBytes>(3, 5, 7);
  }
  static void StoreUpper(void* c, int64_t stride) {
    StoreTile(0, c, stride);
    StoreTile(1, static_cast<char*>(c) + 64, stride);
  }
  static void StoreLower(void* c, int64_t stride) {
    StoreTile(2, c, stride);
    StoreTile(3, static_cast<char*>(c) + 64, stride);
  }
};

}  // namespace
}  // namespace verdict
