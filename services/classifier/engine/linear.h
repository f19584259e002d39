#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "services/classifier/engine/pass.h"
#include "services/classifier/engine/tensor_source.h"

namespace verdict {

// y = x Wᵀ + b, with W laid out in panels (kPanel) in the number type of the precision. x: [rows, in], y: [rows, out].
class Linear {
 public:
  struct Shape {
    int64_t out = 0, in = 0;
    bool has_bias = true;
  };

  // In the precision of the source; in fp32 where the width of the input does not fill the groups of smaller numbers.
  static Linear Take(TensorSource& source, const std::string& name, const Shape& shape);

  // Several linears of one input as one, their outputs one after the other.
  static Linear TakeTogether(TensorSource& source, const std::vector<std::string>& names, const Shape& each);

  // In fp32, whatever the source's precision: for products that are too small to matter.
  static Linear TakeExact(TensorSource& source, const std::string& name, const Shape& shape);

  // In fp32, of weights [out, in] and a bias [out], which may be undefined.
  static Linear Of(const BuildOptions& options, const Tensor& weight, const Tensor& bias);

  // What the rows of x must be.
  NumberType input() const { return input_; }
  int64_t out() const { return out_; }
  int64_t in() const { return in_; }

  struct Target {
    void* values = nullptr;  // [rows, out]
    int64_t stride = 0;
    NumberType type = NumberType::kFp32;  // of values; or kBf16
    Activation activation = Activation::kNone;
    const float* residual = nullptr;  // added to y, [rows, out]; may be `values`
    int64_t residual_stride = 0;
  };
  void operator()(const Pass& pass, const InputRows& x, int64_t rows, const Target& to) const;

  // Only the outputs [first, last), multiples of kPanel; values: [rows, last - first].
  struct Outputs {
    int64_t first = 0, last = 0;
  };
  void Part(const Pass& pass, const InputRows& x, int64_t rows, const Outputs& outputs, const Target& to) const;

  // The activated outcome as the input of the next product.
  void Into(const Pass& pass, const InputRows& x, int64_t rows, Activation activation, const InputRows& to) const;

 private:
  void Pack(const BuildOptions& options, const std::vector<Tensor>& weights);

  int64_t out_ = 0, in_ = 0;
  NumberType type_ = NumberType::kFp32;  // of the weights
  NumberType input_ = NumberType::kFp32;
  // One piece: the panels, and for int8 a scale and a sum of each output. These and the bias are filled up to whole panels.
  std::shared_ptr<void> panels_;
  float* scale_ = nullptr;
  int32_t* sum_ = nullptr;
  std::vector<float> bias_;  // may be empty
};

}  // namespace verdict
