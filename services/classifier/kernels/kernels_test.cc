#include "services/classifier/kernels/kernels.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "services/classifier/kernels/instruction_sets.h"
#include "services/classifier/kernels/pack.h"

namespace verdict {
namespace {

using Values = std::vector<float>;

float FromBf16(uint16_t bits) { return std::bit_cast<float>(static_cast<uint32_t>(bits) << 16U); }

Values Random(int64_t count, float spread = 1, unsigned seed = 7) {
  std::mt19937 random(seed);
  std::normal_distribution<float> normal(0, spread);
  Values values(static_cast<size_t>(count));
  for (float& value : values) value = normal(random);
  return values;
}

// Weights [outputs, inputs] in panels, group by group, through the same functions as the engine's.
template <typename T>
std::vector<uint32_t> Panels(const std::vector<T>& rows, int64_t outputs, int64_t inputs) {
  const int64_t dwords = inputs * static_cast<int64_t>(sizeof(T)) / 4;
  std::vector<uint32_t> panels(static_cast<size_t>((outputs + kPanel - 1) / kPanel * kPanel * dwords), 0xffffffff);
  const auto* const from = reinterpret_cast<const uint32_t*>(rows.data());
  for (int64_t first = 0; first < outputs; first += kPanel) {
    PackPanel(from + first * dwords, dwords, std::min(kPanel, outputs - first), dwords, panels.data() + first * dwords);
  }
  return panels;
}

double Activated(double x, Activation activation) {
  switch (activation) {
    case Activation::kNone:
      return x;
    case Activation::kGelu:
      return x * 0.5 * std::erfc(-x / std::sqrt(2.0));
    case Activation::kGeluTanh:
      return x * 0.5 * (1 + std::tanh(std::sqrt(2 / std::acos(-1.0)) * (x + 0.044715 * x * x * x)));
    case Activation::kRelu:
      return std::max(x, 0.0);
    case Activation::kSilu:
      return x / (1 + std::exp(-x));
    case Activation::kTanh:
      return std::tanh(x);
  }
  return x;
}

constexpr Activation kActivations[] = {Activation::kNone, Activation::kGelu, Activation::kGeluTanh,
                                       Activation::kRelu, Activation::kSilu, Activation::kTanh};

class KernelsTest : public ::testing::TestWithParam<const Kernels*> {
 protected:
  const Kernels& kernels() const { return *GetParam(); }

  // Rows as bf16 numbers, and the input that the kernel takes of them.
  struct HalfRows {
    std::vector<uint16_t> half;
    Values widened;
  };
  HalfRows ToHalf(const Values& values, int64_t rows, int64_t width) const {
    HalfRows result{std::vector<uint16_t>(values.size()), {}};
    kernels().convert(values.data(), width, rows, width,
                      {.type = NumberType::kBf16, .data = result.half.data(), .stride = width});
    for (const uint16_t bits : result.half) result.widened.push_back(FromBf16(bits));
    return result;
  }
};

// Every number of rows up to two tiles, outputs that fill no panel, and all that happens to a sum.
TEST_P(KernelsTest, MultipliesFp32) {
  for (int64_t rows = 1; rows <= 26; ++rows) {
    const int64_t depth = 1 + rows * 3, columns = 1 + rows * 5 % 71;
    const Values a = Random(rows * depth), b = Random(columns * depth, 1, 8), residual = Random(rows * columns, 1, 9);
    Values bias = Random((columns + kPanel - 1) / kPanel * kPanel, 1, 10);
    const auto panels = Panels(b, columns, depth);
    const Activation activation = kActivations[rows % 6];
    Values c(static_cast<size_t>(rows * columns + 1), -7);
    kernels().fp32({.a = a.data(),
                    .a_stride = depth,
                    .rows = rows,
                    .b = panels.data(),
                    .b_stride = kPanel * depth,
                    .depth = depth,
                    .columns = columns,
                    .c = c.data(),
                    .c_stride = columns,
                    .bias = bias.data(),
                    .activation = activation,
                    .residual = residual.data(),
                    .residual_stride = columns},
                   0, (columns + kPanel - 1) / kPanel);
    for (int64_t i = 0; i < rows * columns; ++i) {
      double sum = bias[static_cast<size_t>(i % columns)];
      for (int64_t k = 0; k < depth; ++k) {
        sum += static_cast<double>(a[static_cast<size_t>(i / columns * depth + k)]) *
               b[static_cast<size_t>(i % columns * depth + k)];
      }
      ASSERT_NEAR(c[static_cast<size_t>(i)], Activated(sum, activation) + residual[static_cast<size_t>(i)], 2e-5)
          << rows << " rows, element " << i;
    }
    EXPECT_EQ(c.back(), -7) << "written beyond the end";
  }
}

TEST_P(KernelsTest, MultipliesBf16) {
  for (const int64_t rows : {1, 5, 12, 13, 29, 33, 61}) {
    const int64_t depth = 2 * (rows + 3), columns = 33;  // 64, once, is a multiple of a tile
    const HalfRows a = ToHalf(Random(rows * depth), rows, depth), b = ToHalf(Random(columns * depth, 1, 8), columns, depth);
    const auto panels = Panels(b.half, columns, depth);
    const bool half = kernels().bf16_input == NumberType::kBf16;
    std::vector<uint16_t> c(static_cast<size_t>(rows * columns));
    kernels().bf16({.a = half ? static_cast<const void*>(a.half.data()) : a.widened.data(),
                    .a_stride = depth,
                    .rows = rows,
                    .b = panels.data(),
                    .b_stride = kPanel * depth,
                    .depth = depth,
                    .columns = columns,
                    .c = c.data(),
                    .c_stride = columns,
                    .c_is_bf16 = true},
                   0, 2);
    for (int64_t i = 0; i < rows * columns; ++i) {
      double sum = 0;
      for (int64_t k = 0; k < depth; ++k) {
        sum += static_cast<double>(a.widened[static_cast<size_t>(i / columns * depth + k)]) *
               b.widened[static_cast<size_t>(i % columns * depth + k)];
      }
      ASSERT_NEAR(FromBf16(c[static_cast<size_t>(i)]), sum, 1e-4 + std::abs(sum) / 256) << rows << " rows, element " << i;
    }
  }
}

// Sums of integers are exact, so that scales are all that rounds.
TEST_P(KernelsTest, MultipliesBytes) {
  std::mt19937 random(3);
  for (const int64_t rows : {1, 7, 12, 25, 56}) {
    const int64_t depth = 4 * (rows + 200), columns = 40, filled = 64;  // 1024, once, is a multiple of a tile
    std::vector<uint8_t> a(static_cast<size_t>(rows * depth));
    std::vector<int8_t> b(static_cast<size_t>(columns * depth));
    for (uint8_t& value : a) value = static_cast<uint8_t>(1 + random() % 255);
    for (int8_t& value : b) value = static_cast<int8_t>(static_cast<int>(random() % 255) - 127);
    // The extremes, where sums of two products would leave 16 bits.
    std::fill_n(a.begin(), depth, uint8_t{255});
    std::fill_n(b.begin(), depth, int8_t{-127});
    const auto panels = Panels(b, columns, depth);
    const Values row_scale = Random(rows), column_scale = Random(filled);
    std::vector<int32_t> sums(filled, 0), zeros;
    for (int64_t i = 0; i < columns * depth; ++i) sums[static_cast<size_t>(i / depth)] += b[static_cast<size_t>(i)];
    for (int64_t i = 0; i < rows; ++i) zeros.push_back(static_cast<int32_t>(i * 255 / rows));
    Values c(static_cast<size_t>(rows * columns));
    kernels().int8({.a = a.data(),
                    .a_stride = depth,
                    .rows = rows,
                    .b = panels.data(),
                    .b_stride = kPanel * depth,
                    .depth = depth,
                    .columns = columns,
                    .c = c.data(),
                    .c_stride = columns,
                    .row_scale = row_scale.data(),
                    .row_zero = zeros.data(),
                    .column_scale = column_scale.data(),
                    .column_sum = sums.data()},
                   0, 2);
    for (int64_t i = 0; i < rows * columns; ++i) {
      int64_t sum = 0;
      for (int64_t k = 0; k < depth; ++k) {
        sum += (a[static_cast<size_t>(i / columns * depth + k)] - zeros[static_cast<size_t>(i / columns)]) *
               b[static_cast<size_t>(i % columns * depth + k)];
      }
      const float wanted =
          static_cast<float>(sum) * row_scale[static_cast<size_t>(i / columns)] * column_scale[static_cast<size_t>(i % columns)];
      ASSERT_EQ(c[static_cast<size_t>(i)], wanted) << rows << " rows, element " << i;
    }
  }
}

// However many rows there are, and wherever a row stands among them.
TEST_P(KernelsTest, ARowDoesNotDependOnTheOthers) {
  constexpr int64_t kDepth = 100, kColumns = 64, kRows = 50;
  const Values a = Random(kRows * kDepth), b = Random(kColumns * kDepth, 1, 8);
  const auto panels = Panels(b, kColumns, kDepth);
  const auto multiply = [&](int64_t first, int64_t rows) {
    Values c(static_cast<size_t>(rows * kColumns));
    kernels().fp32({.a = a.data() + first * kDepth,
                    .a_stride = kDepth,
                    .rows = rows,
                    .b = panels.data(),
                    .b_stride = kPanel * kDepth,
                    .depth = kDepth,
                    .columns = kColumns,
                    .c = c.data(),
                    .c_stride = kColumns},
                   0, 2);
    return c;
  };
  const Values all = multiply(0, kRows);
  for (int64_t first = 0; first < kRows; ++first) {
    for (const int64_t rows : {1, 2, 11}) {
      if (first + rows > kRows) continue;
      const Values some = multiply(first, rows);
      ASSERT_TRUE(std::equal(some.begin(), some.end(), all.begin() + first * kColumns)) << first << " " << rows;
    }
  }
}

TEST_P(KernelsTest, NormalisesRowsOfEveryWidth) {
  for (const int64_t width : {1, 3, 16, 37, 768}) {
    constexpr int64_t kRows = 3;
    const Values x = Random(kRows * width, 5), weight = Random(width, 1, 8), bias = Random(width, 1, 9);
    Values y(x.size());
    std::vector<uint16_t> half(x.size());
    kernels().norm({.x = x.data(),
                    .x_stride = width,
                    .rows = kRows,
                    .width = width,
                    .weight = weight.data(),
                    .bias = bias.data(),
                    .epsilon = 1e-5F,
                    .y = y.data(),
                    .y_stride = width,
                    .input = {.type = NumberType::kBf16, .data = half.data(), .stride = width}});
    for (int64_t row = 0; row < kRows; ++row) {
      const auto begin = x.begin() + row * width;
      double mean = 0, variance = 0;
      for (int64_t i = 0; i < width; ++i) mean += begin[i] / static_cast<double>(width);
      for (int64_t i = 0; i < width; ++i) variance += (begin[i] - mean) * (begin[i] - mean) / static_cast<double>(width);
      for (int64_t i = 0; i < width; ++i) {
        const auto place = static_cast<size_t>(row * width + i);
        const double wanted =
            (begin[i] - mean) / std::sqrt(variance + 1e-5) * weight[static_cast<size_t>(i)] + bias[static_cast<size_t>(i)];
        ASSERT_NEAR(y[place], wanted, 1e-5 * (1 + std::abs(wanted)));
        ASSERT_NEAR(FromBf16(half[place]), wanted, 1e-5 + std::abs(wanted) / 256);
      }
    }
  }
}

TEST_P(KernelsTest, SoftmaxKeepsToTheRangeOfEachRow) {
  constexpr int64_t kRows = 9, kColumns = 64, kLength = 50;
  const Values x = Random(kRows * kColumns, 10);
  for (const bool half : {false, true}) {
    for (const int64_t slope : {0, 1}) {
      Values scores = x, reciprocal(kRows);
      std::vector<uint16_t> bf16(x.size());
      kernels().softmax({.x = scores.data(),
                         .x_stride = kColumns,
                         .rows = kRows,
                         .columns = kColumns,
                         .begin = slope == 0 ? 0 : -4,
                         .end = slope == 0 ? kLength : 44,
                         .slope = slope,
                         .length = kLength,
                         .bf16 = half ? bf16.data() : nullptr,
                         .reciprocal = reciprocal.data()});
      for (int64_t row = 0; row < kRows; ++row) {
        const int64_t begin = slope == 0 ? 0 : std::max<int64_t>(0, row - 4),
                      end = slope == 0 ? kLength : std::min(kLength, 44 + row);
        const float* const from = x.data() + row * kColumns;
        const double most = *std::max_element(from + begin, from + end);
        double sum = 0;
        for (int64_t i = begin; i < end; ++i) sum += std::exp(from[i] - most);
        for (int64_t i = 0; i < kColumns; ++i) {
          const auto place = static_cast<size_t>(row * kColumns + i);
          const double got =
              static_cast<double>(half ? FromBf16(bf16[place]) : scores[place]) * reciprocal[static_cast<size_t>(row)];
          const double wanted = i < begin || i >= end ? 0 : std::exp(from[i] - most) / sum;
          ASSERT_NEAR(got, wanted, half ? 4e-3 * wanted + 1e-9 : 1e-6 * wanted + 1e-9) << row << " " << i << " " << slope;
        }
      }
    }
  }
}

TEST_P(KernelsTest, ActivationsAreThoseOfTheFormulas) {
  Values x;
  for (float value = -30; value <= 30; value += 0.00731F) x.push_back(value);
  x.insert(x.end(), {0.0F, -0.0F, 1e-30F, -1e-30F, 1e30F, -1e30F, 100.0F, -100.0F});
  for (const Activation activation : kActivations) {
    Values y = x;
    kernels().activate(y.data(), static_cast<int64_t>(y.size()), activation);
    for (size_t i = 0; i < x.size(); ++i) {
      const double wanted = Activated(x[i], activation);
      ASSERT_NEAR(y[i], wanted, 3e-7 * std::max(1.0, std::abs(wanted))) << x[i] << " by " << static_cast<int>(activation);
    }
  }
}

TEST_P(KernelsTest, NanStaysNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const Activation activation : kActivations) {
    Values y(40, nan);
    kernels().activate(y.data(), 40, activation);
    EXPECT_TRUE(std::all_of(y.begin(), y.end(), [](float v) { return std::isnan(v); })) << static_cast<int>(activation);
  }
  uint16_t half[40];
  const Values x(40, nan);
  kernels().convert(x.data(), 40, 1, 40, {.type = NumberType::kBf16, .data = half, .stride = 40});
  for (const uint16_t bits : half) EXPECT_TRUE(std::isnan(FromBf16(bits)));
}

TEST_P(KernelsTest, BytesCoverTheRangeOfTheirRow) {
  for (const int64_t width : {4, 20, 64, 100}) {
    Values x = Random(4 * width, 3);
    std::fill_n(x.begin() + width, width, 0.0F);      // a row of zeros has a scale, too
    std::fill_n(x.begin() + 2 * width, width, 5.0F);  // and one of equal numbers
    for (auto value = x.begin() + 3 * width; value < x.end(); ++value) *value = std::max(*value, -0.17F);  // as GELU
    std::vector<uint8_t> bytes(x.size());
    float scale[4] = {};
    int32_t zero[4] = {-1, -1, -1, -1};
    kernels().convert(x.data(), width, 4, width,
                      {.type = NumberType::kUint8, .data = bytes.data(), .stride = width, .scale = scale, .zero = zero});
    for (size_t i = 0; i < x.size(); ++i) {
      const size_t row = i / static_cast<size_t>(width);
      ASSERT_GT(scale[row], 0);
      ASSERT_NEAR(static_cast<float>(bytes[i] - zero[row]) * scale[row], x[i], 1.001F * scale[row]) << row;
    }
    EXPECT_EQ(zero[1], bytes[static_cast<size_t>(width)]);
    const float range = *std::max_element(x.end() - width, x.end()) - *std::min_element(x.end() - width, x.end());
    EXPECT_NEAR(scale[3], range / 255, 1e-6);
  }
}

TEST_P(KernelsTest, HalvesAreRoundedToTheNearestEven) {
  // 1 + 1/256 lies between two bf16 numbers; the even one is below, that above 1 + 3/256 is even.
  const Values x = {1 + 1.0F / 256, 1 + 3.0F / 256, -1 - 1.0F / 256, 3.4e38F, 0, 1};
  std::vector<uint16_t> half(x.size());
  const auto count = static_cast<int64_t>(x.size());
  kernels().convert(x.data(), count, 1, count, {.type = NumberType::kBf16, .data = half.data(), .stride = count});
  EXPECT_EQ(half, (std::vector<uint16_t>{0x3f80, 0x3f82, 0xbf80, 0x7f80, 0, 0x3f80}));
}

// Where the processor can run the code around the tiles, tiles in software stand in for those that it may lack.
std::vector<const Kernels*> AllKernels() {
  std::vector<const Kernels*> kernels = UsableKernels();
#if defined(__x86_64__)
  if (kernels.back()->fast_bf16) kernels.push_back(KernelsOfEmulatedAmx());
#endif
  return kernels;
}

INSTANTIATE_TEST_SUITE_P(All, KernelsTest, ::testing::ValuesIn(AllKernels()),
                         [](const auto& test) { return std::string(test.param->name); });

TEST(KernelsChoiceTest, AnOlderProcessorCanBePlayed) {
  const size_t all = UsableKernels().size();
  ASSERT_EQ(setenv("VERDICT_ISA", "generic", 1), 0);
  EXPECT_EQ(UsableKernels().size(), 1u);
  ASSERT_EQ(setenv("VERDICT_ISA", "no such", 1), 0);
  EXPECT_EQ(UsableKernels().size(), all);
  ASSERT_EQ(unsetenv("VERDICT_ISA"), 0);
}

}  // namespace
}  // namespace verdict
