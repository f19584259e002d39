// The kernels one by one, on one thread, with each instruction set that this processor has:
//   kernels_benchmark --benchmark_filter='int8/avx512_vnni'
// Products have the shapes of BERT-base's layers, rows are tokens. `FLOP/s` counts a multiplication and an addition as two;
// `limit` is the best that any of the kernel's products reached before the benchmarks began, a row of 192 by 768 by 768 that
// stays in the cache, which is what the matrix units do when nothing else gets in their way.
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "bench/kernels/product_of_zeros.h"
#include "benchmark/benchmark.h"
#include "services/classifier/kernels/kernels.h"

namespace verdict {
namespace {

struct NamedShape {
  const char* name;
  ProductOfZeros::Shape shape;
};

constexpr NamedShape kShapes[] = {{"attention_768x768", {768, 768, Activation::kNone}},
                                  {"up_768x3072_gelu", {768, 3072, Activation::kGelu}},
                                  {"down_3072x768", {3072, 768, Activation::kNone}}};

void Multiplication(benchmark::State& state, const Kernels& kernels, NumberType weights, const ProductOfZeros::Shape& shape,
                    double limit) {
  const ProductOfZeros product(kernels, weights, state.range(0), shape);
  for (auto _ : state) product.Run();
  const double flop = product.flop() * static_cast<double>(state.iterations());
  state.counters["FLOP/s"] = benchmark::Counter(flop, benchmark::Counter::kIsRate);
  state.counters["limit"] = limit;
}

// The rows of one text through what is not a product.
void Norm(benchmark::State& state, const Kernels& kernels) {
  constexpr int64_t kWidth = 768;
  const int64_t rows = state.range(0);
  std::vector<float> x(static_cast<size_t>(rows * kWidth), 1), y(x.size()), scale(static_cast<size_t>(rows)), ones(kWidth, 1);
  std::vector<int32_t> zero(static_cast<size_t>(rows));
  std::vector<uint8_t> bytes(x.size());
  const NormRows norm{.x = x.data(),
                      .x_stride = kWidth,
                      .rows = rows,
                      .width = kWidth,
                      .weight = ones.data(),
                      .bias = ones.data(),
                      .epsilon = 1e-12F,
                      .y = y.data(),
                      .y_stride = kWidth,
                      .input = {NumberType::kUint8, bytes.data(), kWidth, scale.data(), zero.data()}};
  for (auto _ : state) kernels.norm(norm);
  state.SetBytesProcessed(state.iterations() * rows * kWidth * 9);  // four read, five written
}

void Softmax(benchmark::State& state, const Kernels& kernels) {
  const int64_t length = state.range(0), columns = (length + kPanel - 1) / kPanel * kPanel;
  const std::vector<float> scores(static_cast<size_t>(length * columns), 0.5F);
  std::vector<float> x = scores, reciprocal(static_cast<size_t>(length));
  std::vector<uint16_t> bf16(x.size());
  const SoftmaxRows rows{.x = x.data(),
                         .x_stride = columns,
                         .rows = length,
                         .columns = columns,
                         .end = length,
                         .length = length,
                         .bf16 = bf16.data(),
                         .reciprocal = reciprocal.data()};
  for (auto _ : state) kernels.softmax(rows);
  state.SetItemsProcessed(state.iterations() * length * length);  // exponentials
}

void Activations(benchmark::State& state, const Kernels& kernels, Activation activation) {
  std::vector<float> x(static_cast<size_t>(state.range(0)), 0.3F);
  for (auto _ : state) {
    kernels.activate(x.data(), static_cast<int64_t>(x.size()), activation);
    benchmark::DoNotOptimize(x.data());
  }
  state.SetItemsProcessed(state.iterations() * state.range(0));
}

void Register() {
  const std::map<std::string, NumberType> types = {
      {"fp32", NumberType::kFp32}, {"bf16", NumberType::kBf16}, {"int8", NumberType::kInt8}};
  for (const Kernels* kernels : UsableKernels()) {
    for (const auto& [name, type] : types) {
      const double limit = LimitOf(*kernels, type);
      for (const auto& [shape_name, shape] : kShapes) {
        benchmark::RegisterBenchmark(absl::StrCat(name, "/", kernels->name, "/", shape_name).c_str(), Multiplication, *kernels,
                                     type, shape, limit)
            ->ArgName("rows")
            ->Arg(1)
            ->Arg(16)
            ->Arg(128)
            ->Arg(512);
      }
    }
    benchmark::RegisterBenchmark(absl::StrCat("norm_768/", kernels->name).c_str(), Norm, *kernels)
        ->ArgName("rows")
        ->Arg(16)
        ->Arg(512);
    benchmark::RegisterBenchmark(absl::StrCat("softmax/", kernels->name).c_str(), Softmax, *kernels)
        ->ArgName("tokens")
        ->Arg(16)
        ->Arg(128)
        ->Arg(512);
    benchmark::RegisterBenchmark(absl::StrCat("gelu/", kernels->name).c_str(), Activations, *kernels, Activation::kGelu)
        ->Arg(3072);
  }
}

}  // namespace
}  // namespace verdict

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  verdict::Register();
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
}
