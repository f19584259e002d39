#pragma once

#include <cstdint>
#include <vector>

namespace verdict {

// The arithmetic of the engine, once for each instruction set. Everything here is single-threaded, allocates nothing, and
// computes a row of its result by the same operations in the same order whatever the other rows are: a text's answer does not
// depend on its neighbours, to the last bit.

// How numbers are stored.
enum class NumberType {
  kFp32,
  kBf16,   // the upper half of an fp32
  kUint8,  // of activations: zero + round(x / scale), with a scale and a zero for each row
  kInt8,   // of weights: round(w / scale), a scale for each output
};

enum class Activation { kNone, kGelu, kGeluTanh, kRelu, kSilu, kTanh };

// Weights lie in panels of 32 outputs. Within a panel, all outputs of the first group of inputs come first, then of the second: a
// group is 1 input in fp32, 2 in bf16 and 4 in int8, so that one 32-bit lane of a register holds a group of one output. Inputs
// and outputs that fill up the last group and the last panel are zero.
inline constexpr int64_t kPanel = 32;

// C = act((A - row_zero) Bᵀ * row_scale * column_scale + bias) + residual, the parts that are null left out.
struct Product {
  const void* a = nullptr;  // [rows, depth]: fp32, bf16 or uint8, as the kernel asks
  int64_t a_stride = 0;     // elements between rows
  int64_t rows = 0;
  const void* b = nullptr;  // panels
  int64_t b_stride = 0;     // elements between panels
  int64_t depth = 0;        // inputs, a multiple of the group; A has zeros, or finite numbers, where B has filled up with zeros
  int64_t columns = 0;      // outputs
  void* c = nullptr;        // [rows, columns]: bf16 or fp32
  int64_t c_stride = 0;
  bool c_is_bf16 = false;
  const float* row_scale = nullptr;     // [rows]
  const int32_t* row_zero = nullptr;    // [rows]; bytes only, which need it and column_sum
  const float* column_scale = nullptr;  // [columns, filled up to panels]; so are the next two
  const int32_t* column_sum = nullptr;  // of the weights of an output
  const float* bias = nullptr;
  Activation activation = Activation::kNone;
  const float* residual = nullptr;  // [rows, columns]
  int64_t residual_stride = 0;
};

// Computes the columns of panels [first, last).
using Multiply = void (*)(const Product& product, int64_t first, int64_t last);

// Where rows that have been computed are written as the input of a product.
struct InputRows {
  NumberType type = NumberType::kFp32;
  void* data = nullptr;
  int64_t stride = 0;       // elements
  float* scale = nullptr;   // kUint8: [rows]
  int32_t* zero = nullptr;  // the same
};

struct NormRows {
  const float* x = nullptr;
  int64_t x_stride = 0;
  int64_t rows = 0, width = 0;
  const float* weight = nullptr;
  const float* bias = nullptr;  // may be null
  float epsilon = 0;
  float* y = nullptr;  // fp32; may be x; may be null when only the input of a product is wanted
  int64_t y_stride = 0;
  InputRows input = {};  // data null: not wanted
};

struct SoftmaxRows {
  float* x = nullptr;  // [rows, columns], overwritten with exp(x - max) in fp32
  int64_t x_stride = 0;
  int64_t rows = 0;
  int64_t columns = 0;  // a multiple of kPanel; what lies outside [begin, end) of a row becomes 0
  // Of row i: [max(0, begin + i * slope), min(length, end + i * slope)).
  int64_t begin = 0, end = 0, slope = 0, length = 0;
  uint16_t* bf16 = nullptr;     // when set, the exponentials are written here instead, [rows, columns]
  float* reciprocal = nullptr;  // [rows]: 1 / sum
};

struct Kernels {
  const char* name;  // "avx512_bf16", …
  Multiply fp32;     // A fp32, B fp32
  Multiply bf16;     // A `bf16_input`, B bf16
  Multiply int8;     // A uint8, B int8
  NumberType bf16_input;
  bool fast_bf16, fast_int8;  // faster than fp32
  void (*norm)(const NormRows&);
  void (*softmax)(const SoftmaxRows&);
  // Writes fp32 rows as the input of a product.
  void (*convert)(const float* x, int64_t x_stride, int64_t rows, int64_t width, const InputRows& to);
  void (*quantise_bf16)(const uint16_t* x, int64_t x_stride, int64_t rows, int64_t width, const InputRows& to);
  void (*activate)(float* x, int64_t count, Activation activation);
};

// The fastest for this processor, and all that it can run, slowest first. VERDICT_ISA limits both to those up to the one it
// names: one machine can so behave like an older one.
const Kernels& BestKernels();
std::vector<const Kernels*> UsableKernels();

}  // namespace verdict
