#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <vector>

#include "services/classifier/kernels/kernels.h"

namespace verdict {

// A product with all that may be fused into it, on zeros: the time does not depend on the numbers.
class ProductOfZeros {
 public:
  struct Shape {
    int64_t depth, columns;
    Activation activation;
  };

  ProductOfZeros(const Kernels& kernels, NumberType weights, int64_t rows, const Shape& shape)
      : multiply_(weights == NumberType::kFp32   ? kernels.fp32
                  : weights == NumberType::kBf16 ? kernels.bf16
                                                 : kernels.int8),
        a_(static_cast<size_t>(rows * shape.depth)),
        b_(static_cast<size_t>(shape.depth * shape.columns)),
        c_(static_cast<size_t>(rows * shape.columns)),
        ones_(static_cast<size_t>(std::max(rows, shape.columns)), 1),
        zeros_(static_cast<size_t>(std::max(rows, shape.columns)), 0) {
    product_ = {.a = a_.data(),
                .a_stride = shape.depth,
                .rows = rows,
                .b = b_.data(),
                .b_stride = kPanel * shape.depth,
                .depth = shape.depth,
                .columns = shape.columns,
                .c = c_.data(),
                .c_stride = shape.columns,
                .bias = ones_.data(),
                .activation = shape.activation};
    if (weights == NumberType::kInt8) {
      product_.row_scale = product_.column_scale = ones_.data();
      product_.row_zero = product_.column_sum = zeros_.data();
    }
  }

  void Run() const { multiply_(product_, 0, product_.columns / kPanel); }
  double flop() const { return 2.0 * static_cast<double>(product_.rows * product_.depth * product_.columns); }

 private:
  Multiply multiply_;
  std::vector<float> a_, b_, c_, ones_;  // large enough for every number type
  std::vector<int32_t> zeros_;
  Product product_;
};

// FLOP/s of one thread: the best that a product which stays in the cache reaches within a tenth of a second.
inline double LimitOf(const Kernels& kernels, NumberType weights) {
  using Clock = std::chrono::steady_clock;
  const ProductOfZeros product(kernels, weights, 192, {768, 768, Activation::kNone});
  double best = 0;
  const auto end = Clock::now() + std::chrono::milliseconds(100);
  while (Clock::now() < end) {
    const auto begin = Clock::now();
    product.Run();
    best = std::max(best, product.flop() / std::chrono::duration<double>(Clock::now() - begin).count());
  }
  return best;
}

}  // namespace verdict
