#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "services/classifier/engine/aligned_buffer.h"
#include "services/classifier/engine/precision.h"
#include "services/classifier/engine/prepared_weights.h"
#include "services/classifier/engine/team.h"
#include "services/classifier/kernels/kernels.h"
#include "services/classifier/model/safetensors.h"

namespace verdict {

// Row-major fp32 numbers: a view of a mapped file, or a copy that is shared. Empty (data null) when it could not be taken.
struct Tensor {
  const float* data = nullptr;
  std::vector<int64_t> shape;
  std::shared_ptr<const std::vector<float>> copy;

  bool defined() const { return data != nullptr; }
  int64_t rows() const { return shape.empty() ? 0 : shape[0]; }
  const float* row(int64_t i) const { return data + i * shape[1]; }

  static Tensor Of(std::vector<float> values, std::vector<int64_t> shape);
};

// What a builder computes with, beside the weights.
struct BuildOptions {
  Precision precision = Precision::kFp32;
  const Kernels* kernels = nullptr;
  Team* team = nullptr;                 // lays the weights out
  PieceMemory* memory = nullptr;        // for them
  PreparedWeights* prepared = nullptr;  // those of an earlier start; null: none are kept
};

// Hands tensors of `Weights` to a builder as fp32, checking each one's shape. The first thing that is wrong is remembered, so
// that a builder reads as a list of tensors and asks for status() once, at its end. Not thread-safe.
class TensorSource {
 public:
  // `weights` must outlive every tensor taken: F32 tensors are views of the mapped file.
  TensorSource(const Weights& weights, const BuildOptions& options) : weights_(weights), options_(options) {}

  // The tensor `name` in fp32 (F16 and BF16 are widened). Undefined when it is missing, has another shape or no floating type.
  Tensor Take(const std::string& name, std::initializer_list<int64_t> shape);

  // Rows of a tensor [n, columns] whose n the file decides, as embeddings do.
  Tensor TakeRows(const std::string& name, int64_t columns);

  bool Has(const std::string& name) const { return weights_.Find(name) != nullptr; }

  const BuildOptions& options() const { return options_; }

  // Makes the precision fp32 while it lives.
  class ExactScope {
   public:
    explicit ExactScope(TensorSource& source) : source_(source), precision_(source.options_.precision) {
      source.options_.precision = Precision::kFp32;
    }
    ~ExactScope() { source_.options_.precision = precision_; }
    ExactScope(const ExactScope&) = delete;
    ExactScope& operator=(const ExactScope&) = delete;

   private:
    TensorSource& source_;
    Precision precision_;
  };

  // kInvalidArgument: which tensor of which file was missing or wrong first.
  const absl::Status& status() const { return status_; }
  bool ok() const { return status_.ok(); }
  int64_t parameters() const { return parameters_; }

  // Counts a product's weights: about as many multiplications does it cost a token.
  void CountProduct(int64_t weights) { multiplications_ += weights; }
  int64_t multiplications() const { return multiplications_; }

 private:
  Tensor Convert(const std::string& name, const TensorView& view);
  const TensorView* Locate(const std::string& name);
  void Fail(const std::string& name, const std::string& problem);

  const Weights& weights_;
  BuildOptions options_;
  absl::Status status_;
  int64_t parameters_ = 0;
  int64_t multiplications_ = 0;
};

}  // namespace verdict
