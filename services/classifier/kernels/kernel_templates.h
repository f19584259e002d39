// The kernels, written once over vectors of VERDICT_VECTOR_BYTES bytes and compiled once for each instruction set. A file that
// includes this defines the macros and takes MakeKernels(). Everything has internal linkage, and nothing of the standard library
// is called: a function that the linker could share with other files must not be compiled with instructions that they cannot run.
#ifndef VERDICT_VECTOR_BYTES
#error "define VERDICT_VECTOR_BYTES"
#endif

#if defined(__x86_64__)
#include <immintrin.h>
#endif

#include <cstdint>

#include "services/classifier/kernels/kernels.h"

namespace verdict {
namespace {  // NOLINT(google-build-namespaces): see above

constexpr int kLanes = VERDICT_VECTOR_BYTES / 4;
constexpr int kVectors = static_cast<int>(kPanel) / kLanes;  // of a panel's width

using Floats = float __attribute__((vector_size(VERDICT_VECTOR_BYTES)));
using Ints = int32_t __attribute__((vector_size(VERDICT_VECTOR_BYTES)));
using Words = uint32_t __attribute__((vector_size(VERDICT_VECTOR_BYTES)));
using Halves = uint16_t __attribute__((vector_size(VERDICT_VECTOR_BYTES / 2)));
using Bytes = uint8_t __attribute__((vector_size(VERDICT_VECTOR_BYTES / 4)));
// Where they may lie anywhere. Typedefs, because Clang passes over an alignment in a using.
typedef float FloatsAt __attribute__((vector_size(VERDICT_VECTOR_BYTES), aligned(4), may_alias));
typedef int32_t IntsAt __attribute__((vector_size(VERDICT_VECTOR_BYTES), aligned(4), may_alias));
typedef uint32_t WordsAt __attribute__((vector_size(VERDICT_VECTOR_BYTES), aligned(4), may_alias));
typedef uint16_t HalvesAt __attribute__((vector_size(VERDICT_VECTOR_BYTES / 2), aligned(2), may_alias));
typedef uint8_t BytesAt __attribute__((vector_size(VERDICT_VECTOR_BYTES / 4), aligned(1), may_alias));
typedef uint32_t WordAt __attribute__((aligned(1), may_alias));

#define VERDICT_INLINE inline __attribute__((always_inline))

VERDICT_INLINE Floats Load(const float* p) { return *reinterpret_cast<const FloatsAt*>(p); }
VERDICT_INLINE void Store(float* p, Floats v) { *reinterpret_cast<FloatsAt*>(p) = v; }
VERDICT_INLINE Floats All(float v) { return Floats{} + v; }
VERDICT_INLINE Ints AllInts(int32_t v) { return Ints{} + v; }
VERDICT_INLINE Words AllWords(uint32_t v) { return Words{} + v; }
VERDICT_INLINE Floats Max(Floats a, Floats b) { return a > b ? a : b; }
VERDICT_INLINE Floats Min(Floats a, Floats b) { return a < b ? a : b; }
VERDICT_INLINE Ints IsNumber(Floats a) { return a == a; }  // NOLINT(misc-redundant-expression): NaN is not
VERDICT_INLINE Floats Abs(Floats a) { return reinterpret_cast<Floats>(reinterpret_cast<Words>(a) & AllWords(0x7fffffffu)); }

// To the nearest, halves to even, as the processor's own conversion does; NaN stays NaN.
VERDICT_INLINE Halves ToBf16(Floats x) {
#if defined(__AVX512BF16__) && VERDICT_VECTOR_BYTES == 64
  return reinterpret_cast<Halves>(_mm512_cvtneps_pbh(reinterpret_cast<__m512>(x)));
#else
  const Words bits = reinterpret_cast<Words>(x);
  const Words rounded = (bits + AllWords(0x7fff) + ((bits >> 16) & AllWords(1))) >> 16;
  const Words quiet = (bits >> 16) | AllWords(0x40);
  return __builtin_convertvector(IsNumber(x) ? rounded : quiet, Halves);
#endif
}
VERDICT_INLINE Floats FromBf16(const uint16_t* p) {
  const Words bits = __builtin_convertvector(*reinterpret_cast<const HalvesAt*>(p), Words) << 16;
  return reinterpret_cast<Floats>(bits);
}
VERDICT_INLINE void StoreBf16(uint16_t* p, Floats v) { *reinterpret_cast<HalvesAt*>(p) = ToBf16(v); }
VERDICT_INLINE uint16_t OneToBf16(float x) {
  const uint32_t bits = __builtin_bit_cast(uint32_t, x);
  if (__builtin_isnan(x)) return static_cast<uint16_t>((bits >> 16) | 0x40);
  return static_cast<uint16_t>((bits + 0x7fff + ((bits >> 16) & 1)) >> 16);
}
VERDICT_INLINE float OneFromBf16(uint16_t x) { return __builtin_bit_cast(float, static_cast<uint32_t>(x) << 16); }

VERDICT_INLINE float Sum(Floats v) {
  float lanes[kLanes];
  Store(lanes, v);
  for (int width = kLanes / 2; width > 0; width /= 2) {
    for (int i = 0; i < width; ++i) lanes[i] += lanes[i + width];
  }
  return lanes[0];
}
VERDICT_INLINE float Largest(Floats v) {
  float lanes[kLanes];
  Store(lanes, v);
  float most = lanes[0];
  for (int i = 1; i < kLanes; ++i) most = lanes[i] > most ? lanes[i] : most;
  return most;
}

// 1.5 * 2^23: adding and subtracting it rounds to an integer, whose bits the sum's mantissa holds.
constexpr float kRounder = 12582912.0f;

// e^x to 2 units in the last place: x = n ln 2 + r, a polynomial of Taylor's with coefficients fitted on [-ln 2 / 2, ln 2 / 2]. 0
// below -87.3; NaN stays NaN.
VERDICT_INLINE Floats Exp(Floats x) {
  const Floats clamped = Min(Max(x, All(-87.33654f)), All(88.3762626f));
  const Floats shifted = clamped * 1.44269504f + kRounder;
  const Floats n = shifted - kRounder;
  Floats r = clamped - n * 0.693145752f;
  r = r - n * 1.42860677e-6f;
  Floats p = All(1.98756915e-4f);
  p = p * r + 1.39819995e-3f;
  p = p * r + 8.33345205e-3f;
  p = p * r + 4.16657962e-2f;
  p = p * r + 1.66666655e-1f;
  p = p * r + 0.5f;
  p = p * (r * r) + r + 1.0f;
  const Ints exponent = (reinterpret_cast<Ints>(shifted) - AllInts(0x4b400000)) << 23;
  const Floats result = reinterpret_cast<Floats>(reinterpret_cast<Ints>(p) + exponent);
  return x < All(-87.33654f) ? Floats{} : IsNumber(x) ? result : x;
}

// x Φ(x), where Φ(-|x|) = erfc(|x| / √2) / 2 is e^(-x²/2) times a polynomial in 1 / (1 + 0.24 |x|): the form of 7.1.26 in
// Abramowitz and Stegun, Handbook of Mathematical Functions, with coefficients fitted for x Φ(x) (error below 1e-9). Computed
// from the tail, so that nothing cancels.
VERDICT_INLINE Floats Gelu(Floats x) {
  const Floats far = Abs(x);
  const Floats t = 1.0f / (1.0f + far * 0.24f);
  Floats p = All(-0.12472446908f);
  p = p * t + 0.55282989668f;
  p = p * t - 0.64258296205f;
  p = p * t + 0.62189294694f;
  p = p * t - 0.15185789028f;
  p = p * t + 0.15482564273f;
  p = p * t + 0.08961683598f;
  const Floats tail = p * t * Exp(-0.5f * x * x);
  return x * (x > 0.0f ? 1.0f - tail : tail);
}

// x Φ(x) with Hendrycks and Gimpel's tanh (arXiv:1606.08415): 1 + tanh u = 2 / (1 + e^-2u).
VERDICT_INLINE Floats GeluTanh(Floats x) {
  const Floats twice = 1.5957691216f * (x + 0.044715f * x * x * x);
  return x / (1.0f + Exp(-twice));
}

VERDICT_INLINE Floats Tanh(Floats x) {
  const Floats far = Abs(x);
  const Floats e = Exp(-2.0f * far);
  const Floats large = (1.0f - e) / (1.0f + e);
  // The quotient cancels where x is small.
  const Floats s = x * x;
  const Floats small = far * (1.0f + s * (-0.33333333f + s * (0.13333333f + s * (-0.05396825f + s * 0.02186949f))));
  const Floats y = far < 0.25f ? small : large;
  return x < 0.0f ? -y : y;
}

VERDICT_INLINE Floats Act(Floats x, Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kGelu:
      return Gelu(x);
    case Activation::kGeluTanh:
      return GeluTanh(x);
    case Activation::kRelu:
      return x > 0.0f ? x : IsNumber(x) ? Floats{} : x;
    case Activation::kSilu:
      return x / (1.0f + Exp(-x));
    case Activation::kTanh:
      return Tanh(x);
  }
  return x;
}

// How one group of inputs is multiplied: what A's elements are, what is summed, and the sum of products.
// kChunk: inputs that are summed one after the other before they are added to the sum of the chunks before. A single long sum
// would lose a digit.
struct Fp32Dot {
  static constexpr int64_t kChunk = 128;
  using A = float;
  using B = float;
  using Sum = Floats;
  static constexpr int kGroup = 1;
  static constexpr int kRows = kLanes == 16 ? 12 : kLanes == 8 ? 3 : 1;
  struct Weights {
    Floats values;
  };
  static VERDICT_INLINE Weights Read(const B* b) { return {Load(b)}; }
  using Inputs = Floats;
  static VERDICT_INLINE Inputs Spread(const A* a) { return All(*a); }
  static VERDICT_INLINE Sum Add(Sum sum, const Inputs& a, const Weights& b) { return sum + b.values * a; }
  static VERDICT_INLINE Floats Value(Sum sum) { return sum; }
};

// bf16 weights, widened; the inputs are fp32.
struct WideningDot {
  static constexpr int64_t kChunk = 256;
  using A = float;
  using B = uint16_t;
  using Sum = Floats;
  static constexpr int kGroup = 2;
  static constexpr int kRows = Fp32Dot::kRows;
  struct Weights {
    Floats low, high;
  };
  static VERDICT_INLINE Weights Read(const B* b) {
    const Words pairs = *reinterpret_cast<const WordsAt*>(b);
    return {reinterpret_cast<Floats>(pairs << 16), reinterpret_cast<Floats>(pairs & AllWords(0xffff0000u))};
  }
  struct Inputs {
    Floats low, high;
  };
  static VERDICT_INLINE Inputs Spread(const A* a) { return {All(a[0]), All(a[1])}; }
  static VERDICT_INLINE Sum Add(Sum sum, const Inputs& a, const Weights& b) {
    sum = sum + b.low * a.low;
    return sum + b.high * a.high;
  }
  static VERDICT_INLINE Floats Value(Sum sum) { return sum; }
};

#if defined(__AVX512BF16__) && VERDICT_VECTOR_BYTES == 64
struct Bf16Dot {
  static constexpr int64_t kChunk = int64_t{1} << 40;
  using A = uint16_t;
  using B = uint16_t;
  using Sum = Floats;
  static constexpr int kGroup = 2;
  static constexpr int kRows = 12;
  struct Weights {
    __m512i pairs;
  };
  using Inputs = __m512i;
  static VERDICT_INLINE Weights Read(const B* b) { return {_mm512_loadu_si512(b)}; }
  static VERDICT_INLINE Inputs Spread(const A* a) {
    return _mm512_set1_epi32(static_cast<int>(*reinterpret_cast<const WordAt*>(a)));
  }
  static VERDICT_INLINE Sum Add(Sum sum, const Inputs& a, const Weights& b) {
    return reinterpret_cast<Floats>(
        _mm512_dpbf16_ps(reinterpret_cast<__m512>(sum), reinterpret_cast<__m512bh>(a), reinterpret_cast<__m512bh>(b.pairs)));
  }
  static VERDICT_INLINE Floats Value(Sum sum) { return sum; }
};
#endif

struct Int8Dot {
  static constexpr int64_t kChunk = int64_t{1} << 40;
  using A = uint8_t;
  using B = int8_t;
  using Sum = Ints;
  static constexpr int kGroup = 4;
  static constexpr int kRows = Fp32Dot::kRows;
  struct Weights {
    Ints quads;
  };
  static VERDICT_INLINE Weights Read(const B* b) { return {*reinterpret_cast<const IntsAt*>(b)}; }
#if defined(__AVX512VNNI__) && VERDICT_VECTOR_BYTES == 64
  using Inputs = __m512i;
  static VERDICT_INLINE Inputs Spread(const A* a) {
    return _mm512_set1_epi32(static_cast<int>(*reinterpret_cast<const WordAt*>(a)));
  }
  static VERDICT_INLINE Sum Add(Sum sum, const Inputs& a, const Weights& b) {
    return reinterpret_cast<Ints>(_mm512_dpbusd_epi32(reinterpret_cast<__m512i>(sum), a, reinterpret_cast<__m512i>(b.quads)));
  }
#else
  using Inputs = const A*;
  static VERDICT_INLINE Inputs Spread(const A* a) { return a; }
  static VERDICT_INLINE Sum Add(Sum sum, const Inputs& a, const Weights& b) {
    // Arithmetic shifts take the signed bytes out of each lane.
    sum += (b.quads << 24 >> 24) * static_cast<int32_t>(a[0]);
    sum += (b.quads << 16 >> 24) * static_cast<int32_t>(a[1]);
    sum += (b.quads << 8 >> 24) * static_cast<int32_t>(a[2]);
    return sum + (b.quads >> 24) * static_cast<int32_t>(a[3]);
  }
#endif
  static VERDICT_INLINE Floats Value(Sum sum) { return __builtin_convertvector(sum, Floats); }
};

// One row of one panel, from the sums to memory.
VERDICT_INLINE void Finish(const Product& p, int64_t row, int64_t column, Floats (&v)[kVectors]) {
  const int64_t left = p.columns - column;
  if (p.row_scale != nullptr) {
    const float scale = p.row_scale[row];
    for (int i = 0; i < kVectors; ++i) v[i] = v[i] * scale;
  }
  if (p.column_scale != nullptr) {
    for (int i = 0; i < kVectors; ++i) v[i] = v[i] * Load(p.column_scale + column + i * kLanes);
  }
  if (p.bias != nullptr) {
    for (int i = 0; i < kVectors; ++i) v[i] = v[i] + Load(p.bias + column + i * kLanes);
  }
  if (p.activation != Activation::kNone) {
    for (int i = 0; i < kVectors; ++i) v[i] = Act(v[i], p.activation);
  }
  float* const c = static_cast<float*>(p.c) + (p.c_is_bf16 ? 0 : row * p.c_stride + column);
  uint16_t* const half = static_cast<uint16_t*>(p.c) + row * p.c_stride + column;
  const float* const residual = p.residual == nullptr ? nullptr : p.residual + row * p.residual_stride + column;
  if (left >= kPanel) {
    for (int i = 0; i < kVectors; ++i) {
      if (residual != nullptr) v[i] = v[i] + Load(residual + i * kLanes);
      if (p.c_is_bf16) {
        StoreBf16(half + i * kLanes, v[i]);
      } else {
        Store(c + i * kLanes, v[i]);
      }
    }
    return;
  }
  float values[kPanel];
  for (int i = 0; i < kVectors; ++i) Store(values + i * kLanes, v[i]);
  for (int64_t i = 0; i < left; ++i) {
    const float value = residual == nullptr ? values[i] : values[i] + residual[i];
    if (p.c_is_bf16) {
      half[i] = OneToBf16(value);
    } else {
      c[i] = value;
    }
  }
}

// Adds the products of one group of inputs. Of inputs and weights, the fewer stay in registers beside the sums.
template <typename Dot, int kRows>
VERDICT_INLINE void AddGroup(const typename Dot::A* const* base, int64_t stride, const typename Dot::B* b,
                             typename Dot::Sum (&sums)[kRows][kVectors]) {
  if constexpr (kRows < kVectors) {
    typename Dot::Inputs inputs[kRows];
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) inputs[r] = Dot::Spread(base[r / 3] + (r % 3) * stride);
#pragma GCC unroll 8
    for (int i = 0; i < kVectors; ++i) {
      const typename Dot::Weights weights = Dot::Read(b + i * kLanes * Dot::kGroup);
#pragma GCC unroll 16
      for (int r = 0; r < kRows; ++r) sums[r][i] = Dot::Add(sums[r][i], inputs[r], weights);
    }
  } else {
    typename Dot::Weights weights[kVectors];
#pragma GCC unroll 8
    for (int i = 0; i < kVectors; ++i) weights[i] = Dot::Read(b + i * kLanes * Dot::kGroup);
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
      const typename Dot::Inputs inputs = Dot::Spread(base[r / 3] + (r % 3) * stride);
#pragma GCC unroll 8
      for (int i = 0; i < kVectors; ++i) sums[r][i] = Dot::Add(sums[r][i], inputs, weights[i]);
    }
  }
}

// kRows rows of one panel. Rows are addressed from every third one: the processor adds one or two strides by itself.
template <typename Dot, int kRows>
void Tile(const Product& p, int64_t row, int64_t panel) {
  using A = typename Dot::A;
  constexpr int kBases = (kRows + 2) / 3;
  const A* base[kBases];
#pragma GCC unroll 8
  for (int i = 0; i < kBases; ++i) base[i] = static_cast<const A*>(p.a) + (row + 3 * i) * p.a_stride;
  const int64_t stride = p.a_stride;
  const typename Dot::B* b = static_cast<const typename Dot::B*>(p.b) + panel * p.b_stride;
  typename Dot::Sum sums[kRows][kVectors] = {}, totals[kRows][kVectors] = {};
  for (int64_t begin = 0; begin == 0 || begin < p.depth; begin += Dot::kChunk) {
    const int64_t end = p.depth - begin > Dot::kChunk ? begin + Dot::kChunk : p.depth;
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (int i = 0; i < kVectors; ++i) sums[r][i] = typename Dot::Sum{};
    }
#pragma GCC unroll 2
    for (int64_t k = begin; k < end; k += Dot::kGroup) {
      AddGroup<Dot, kRows>(base, stride, b, sums);
      b += kPanel * Dot::kGroup;
#pragma GCC unroll 8
      for (int i = 0; i < kBases; ++i) base[i] += Dot::kGroup;
    }
    if (begin == 0 && end == p.depth) break;
#pragma GCC unroll 16
    for (int r = 0; r < kRows; ++r) {
#pragma GCC unroll 8
      for (int i = 0; i < kVectors; ++i) {
        if (begin > 0) sums[r][i] += totals[r][i];
        if (end < p.depth) totals[r][i] = sums[r][i];
      }
    }
  }
  const int64_t column = panel * kPanel;
#pragma GCC unroll 16
  for (int r = 0; r < kRows; ++r) {
    Floats values[kVectors];
#pragma GCC unroll 8
    for (int i = 0; i < kVectors; ++i) {
      if constexpr (Dot::kGroup == 4) {
        const Ints sum = *reinterpret_cast<const IntsAt*>(p.column_sum + column + i * kLanes);
        values[i] = Dot::Value(sums[r][i] - sum * p.row_zero[row + r]);
      } else {
        values[i] = Dot::Value(sums[r][i]);
      }
    }
    Finish(p, row + r, column, values);
  }
}

template <typename Dot, int kRows>
void TileOf(const Product& p, int64_t row, int64_t rows, int64_t panel) {
  if constexpr (kRows > 0) {
    if (rows == kRows) return Tile<Dot, kRows>(p, row, panel);
    TileOf<Dot, kRows - 1>(p, row, rows, panel);
  }
}

template <typename Dot>
void MultiplyPanels(const Product& p, int64_t first, int64_t last) {
  // Equal tiles: a last one of few rows would wait for its own sums.
  const int64_t tiles = (p.rows + Dot::kRows - 1) / Dot::kRows;
  for (int64_t panel = first; panel < last; ++panel) {
    for (int64_t i = 0; i < tiles; ++i) {
      const int64_t row = p.rows * i / tiles;
      TileOf<Dot, Dot::kRows>(p, row, p.rows * (i + 1) / tiles - row, panel);
    }
  }
}

// fp32 values of a row as the input of a product. `at` gives a vector, `one` a single value.
template <typename At, typename One>
VERDICT_INLINE void WriteRow(int64_t width, const InputRows& to, int64_t row, At at, One one) {
  int64_t i = 0;
  switch (to.type) {
    case NumberType::kFp32: {
      float* const y = static_cast<float*>(to.data) + row * to.stride;
      for (; i + kLanes <= width; i += kLanes) Store(y + i, at(i));
      for (; i < width; ++i) y[i] = one(i);
      break;
    }
    case NumberType::kBf16: {
      uint16_t* const y = static_cast<uint16_t*>(to.data) + row * to.stride;
      for (; i + kLanes <= width; i += kLanes) StoreBf16(y + i, at(i));
      for (; i < width; ++i) y[i] = OneToBf16(one(i));
      break;
    }
    case NumberType::kUint8:
    case NumberType::kInt8: {
      // The range from the least to the largest, and 0 in it, on 0 to 255: what a GELU leaves is nearly all positive.
      Floats most = Floats{}, least = Floats{};
      for (; i + kLanes <= width; i += kLanes) {
        most = Max(most, at(i));
        least = Min(least, at(i));
      }
      float high = Largest(most), low = -Largest(-least);
      for (; i < width; ++i) {
        high = one(i) > high ? one(i) : high;
        low = one(i) < low ? one(i) : low;
      }
      const float scale = high > low ? (high - low) / 255.0f : 1.0f, inverse = 1.0f / scale;
      const float zero = -low * inverse + kRounder;  // its last bits are the integer
      to.scale[row] = scale;
      to.zero[row] = static_cast<int32_t>(__builtin_bit_cast(uint32_t, zero) & 0xff);
      uint8_t* const y = static_cast<uint8_t*>(to.data) + row * to.stride;
      const float lowest = zero - kRounder, first = -lowest, last = 255.0f - lowest;
      for (i = 0; i + kLanes <= width; i += kLanes) {
        const Floats x = Min(Max(at(i) * inverse, All(first)), All(last));
        const Words rounded = reinterpret_cast<Words>(x + zero) & AllWords(0xff);
        *reinterpret_cast<BytesAt*>(y + i) = __builtin_convertvector(rounded, Bytes);
      }
      for (; i < width; ++i) {
        float x = one(i) * inverse;
        x = x < first ? first : x > last ? last : x;
        y[i] = static_cast<uint8_t>(__builtin_bit_cast(uint32_t, x + zero) & 0xff);
      }
      break;
    }
  }
}

void Norm(const NormRows& n) {
  for (int64_t row = 0; row < n.rows; ++row) {
    const float* const x = n.x + row * n.x_stride;
    Floats sums = Floats{};
    int64_t i = 0;
    for (; i + kLanes <= n.width; i += kLanes) sums = sums + Load(x + i);
    float sum = Sum(sums);
    for (; i < n.width; ++i) sum += x[i];
    const float mean = sum / static_cast<float>(n.width);
    sums = Floats{};
    for (i = 0; i + kLanes <= n.width; i += kLanes) {
      const Floats d = Load(x + i) - mean;
      sums = sums + d * d;
    }
    float squares = Sum(sums);
    for (; i < n.width; ++i) squares += (x[i] - mean) * (x[i] - mean);
    const float factor = 1.0f / __builtin_sqrtf(squares / static_cast<float>(n.width) + n.epsilon);
    const auto at = [&](int64_t j) {
      const Floats v = (Load(x + j) - mean) * factor * Load(n.weight + j);
      return n.bias == nullptr ? v : v + Load(n.bias + j);
    };
    const auto one = [&](int64_t j) {
      const float v = (x[j] - mean) * factor * n.weight[j];
      return n.bias == nullptr ? v : v + n.bias[j];
    };
    if (n.y == nullptr) {
      WriteRow(n.width, n.input, row, at, one);
      continue;
    }
    float* const y = n.y + row * n.y_stride;
    WriteRow(n.width, {.type = NumberType::kFp32, .data = y}, 0, at, one);
    if (n.input.data == nullptr) continue;
    WriteRow(
        n.width, n.input, row, [&](int64_t j) { return Load(y + j); }, [&](int64_t j) { return y[j]; });
  }
}

void Convert(const float* x, int64_t x_stride, int64_t rows, int64_t width, const InputRows& to) {
  for (int64_t row = 0; row < rows; ++row) {
    const float* const from = x + row * x_stride;
    WriteRow(
        width, to, row, [&](int64_t j) { return Load(from + j); }, [&](int64_t j) { return from[j]; });
  }
}

void QuantiseBf16(const uint16_t* x, int64_t x_stride, int64_t rows, int64_t width, const InputRows& to) {
  for (int64_t row = 0; row < rows; ++row) {
    const uint16_t* const from = x + row * x_stride;
    WriteRow(
        width, to, row, [&](int64_t j) { return FromBf16(from + j); }, [&](int64_t j) { return OneFromBf16(from[j]); });
  }
}

// The columns are a multiple of the panel, so of the vector. Lanes outside the row's range count as minus infinity.
void Softmax(const SoftmaxRows& s) {
  Ints index;
  for (int i = 0; i < kLanes; ++i) index[i] = i;
  const float lowest = -__builtin_inff();
  for (int64_t row = 0; row < s.rows; ++row) {
    float* const x = s.x + row * s.x_stride;
    int64_t begin = s.begin + row * s.slope, end = s.end + row * s.slope;
    begin = begin < 0 ? 0 : begin;
    end = end > s.length ? s.length : end;
    const int64_t first = begin / kLanes * kLanes;
    const int64_t last = (end + kLanes - 1) / kLanes * kLanes;
    const auto at = [&](int64_t j) {
      const Floats v = Load(x + j);
      if (j >= begin && j + kLanes <= end) return v;
      const Ints place = index + static_cast<int32_t>(j);
      return ((place >= static_cast<int32_t>(begin)) & (place < static_cast<int32_t>(end))) ? v : All(lowest);
    };
    Floats mosts = All(lowest);
    for (int64_t j = first; j < last; j += kLanes) mosts = Max(mosts, at(j));
    const float most = Largest(mosts);
    Floats sums = Floats{};
    uint16_t* const half = s.bf16 == nullptr ? nullptr : s.bf16 + row * s.columns;
    const auto put = [&](int64_t j, Floats v) {
      if (half != nullptr) {
        StoreBf16(half + j, v);
      } else {
        Store(x + j, v);
      }
    };
    for (int64_t j = 0; j < first; j += kLanes) put(j, Floats{});
    for (int64_t j = first; j < last; j += kLanes) {
      const Floats e = Exp(at(j) - most);
      sums = sums + e;
      put(j, e);
    }
    for (int64_t j = last; j < s.columns; j += kLanes) put(j, Floats{});
    s.reciprocal[row] = 1.0f / Sum(sums);
  }
}

void Activate(float* x, int64_t count, Activation activation) {
  int64_t i = 0;
  for (; i + kLanes <= count; i += kLanes) Store(x + i, Act(Load(x + i), activation));
  if (i == count) return;
  float rest[kLanes] = {};
  for (int64_t j = i; j < count; ++j) rest[j - i] = x[j];
  Store(rest, Act(Load(rest), activation));
  for (int64_t j = i; j < count; ++j) x[j] = rest[j - i];
}

constexpr Kernels MakeKernels(const char* name) {
  return {.name = name,
          .fp32 = MultiplyPanels<Fp32Dot>,
          .bf16 = MultiplyPanels<WideningDot>,
          .int8 = MultiplyPanels<Int8Dot>,
          .bf16_input = NumberType::kFp32,
          .fast_bf16 = false,
          .fast_int8 = false,
          .norm = Norm,
          .softmax = Softmax,
          .convert = Convert,
          .quantise_bf16 = QuantiseBf16,
          .activate = Activate};
}

}  // namespace
}  // namespace verdict
