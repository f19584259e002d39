#include "services/classifier/repository/memory_estimate.h"

#include <algorithm>
#include <filesystem>
#include <limits>
#include <map>
#include <string_view>
#include <system_error>

#include "absl/strings/match.h"
#include "services/classifier/engine/load_backend.h"
#include "services/classifier/model/safetensors.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;

constexpr int64_t kMegabyte = 1 << 20;
constexpr int64_t kFloat = 4;
constexpr int64_t kPanel = 32;  // outputs are filled up to this
// Measured (docs/models.md): what a tokenizer keeps for each byte of its files, and what reading one takes meanwhile.
constexpr int64_t kTokenizerKept = 6, kTokenizerLoading = 24;
constexpr int64_t kFixed = 3 * kMegabyte, kPerThread = kMegabyte / 4;
// Rows that a pass keeps for each token, as wide as the model: values, the same as the input of products, queries, keys and
// values, what attention answers.
constexpr int64_t kRowsPerToken = 6;
// LibTorch itself. Beside it, a model is its copy of the weights.
constexpr int64_t kTorch = 350 * kMegabyte;

constexpr const char* kTokenizerFiles[] = {"tokenizer.json",          "vocab.txt",   "vocab.json", "merges.txt", "spm.model",
                                           "sentencepiece.bpe.model", "spiece.model"};

int64_t SizeOf(const fs::path& file) {
  std::error_code error;
  const auto size = fs::file_size(file, error);
  return error ? 0 : static_cast<int64_t>(size);
}

// tokenizer.json is read where it is there, and the files of the family where it is not.
int64_t TokenizerBytes(const fs::path& directory) {
  int64_t bytes = 0;
  for (const char* name : kTokenizerFiles) bytes = std::max(bytes, SizeOf(directory / name));
  return bytes;
}

// More than any machine has, and so little that a few of them add up.
constexpr int64_t kMost = std::numeric_limits<int64_t>::max() / 64;

int64_t Times(int64_t a, int64_t b) {
  int64_t product = 0;
  return __builtin_mul_overflow(a, b, &product) ? kMost : std::min(product, kMost);
}

int64_t Plus(int64_t a, int64_t b) { return std::min(a + b, kMost); }

// A file may declare any shape that has no elements.
int64_t Count(const TensorView& tensor) {
  int64_t count = 1;
  if (std::find(tensor.shape.begin(), tensor.shape.end(), 0) != tensor.shape.end()) return 0;
  for (const int64_t size : tensor.shape) count = Times(count, size);
  return count;
}

bool IsTable(const std::string& name) { return absl::EndsWith(name, "_embeddings.weight"); }
bool IsRelative(const std::string& name) { return absl::EndsWith(name, "rel_embeddings.weight"); }

// Small products that are fp32 in any precision.
bool IsExact(const std::string& name) {
  return absl::StrContains(name, "classifier") || absl::StrContains(name, "pooler") || absl::StartsWith(name, "head.") ||
         absl::StrContains(name, "embed");
}

// What the engine makes of one tensor.
int64_t LaidOut(const std::string& name, const TensorView& tensor, const std::string& precision) {
  const bool mapped = tensor.dtype == "F32";
  if (Count(tensor) == 0) return 0;
  if (tensor.shape.size() < 2 || IsTable(name)) return mapped ? 0 : Times(Count(tensor), kFloat);
  const int64_t outputs = (tensor.shape[0] + kPanel - 1) / kPanel * kPanel;
  const int64_t inputs = Count(tensor) / std::max<int64_t>(tensor.shape[0], 1);
  const int64_t elements = Times(outputs, inputs);
  if (IsExact(name) || precision == "fp32") return Times(elements, kFloat);
  return Plus(Times(elements, precision == "int8" ? 1 : 2), Times(outputs, 2 * kFloat));
}

struct Sizes {
  int64_t laid_out = 0;
  int64_t widened = 0;   // of one tensor that is not fp32 in the file, while it is laid out
  int64_t width = 0;     // of the model
  int64_t relative = 0;  // floats of a table of relative positions
  int64_t layers = 0;
};

Sizes Measure(const Weights& weights, const std::string& precision) {
  Sizes sizes;
  for (const auto& [name, tensor] : weights.tensors()) {
    sizes.laid_out = Plus(sizes.laid_out, LaidOut(name, tensor, precision));
    if (tensor.dtype != "F32") sizes.widened = std::max(sizes.widened, Times(Count(tensor), kFloat));
    if (tensor.shape.size() == 2 && !IsTable(name)) {  // the narrower side of its layers; the head may be narrow by its labels
      if (!IsExact(name)) sizes.width = std::max(sizes.width, std::min(tensor.shape[0], tensor.shape[1]));
    }
    if (IsRelative(name)) sizes.relative = Count(tensor);
    if (absl::EndsWith(name, "query_proj.weight")) ++sizes.layers;
  }
  return sizes;
}

absl::StatusOr<Weights> Open(const ModelDirectory& directory) {
  return directory.format == ModelDirectory::Format::kSafetensors ? Weights::Open(directory.weights)
                                                                  : Weights::OpenSharded(directory.weights);
}

}  // namespace

absl::StatusOr<MemoryEstimate> EstimateMemory(const ModelDirectory& directory, const EstimateOptions& options) {
  MemoryEstimate estimate;
  const int64_t tokenizer = TokenizerBytes(directory.path);
  estimate.tokenizer = tokenizer * kTokenizerKept;
  estimate.loading = tokenizer * kTokenizerLoading;
  estimate.fixed = kFixed + kPerThread * options.threads * 2 + SizeOf(directory.path / "config.json") * 4;
  if (directory.format == ModelDirectory::Format::kTorchScript) {
    estimate.weights = SizeOf(directory.weights) * 5 / 4;
    estimate.runtime = kTorch;
    return estimate;
  }
  const auto weights = Open(directory);
  if (!weights.ok()) return weights.status();
  const auto precision = PrecisionFor(options.precision);
  if (!precision.ok()) return precision.status();
  const Sizes sizes = Measure(*weights, *precision);
  // Each layer keeps the table as its queries and its keys read it.
  estimate.weights = Plus(sizes.laid_out, Times(Times(sizes.relative, kFloat * 2), sizes.layers));
  estimate.loading = std::max(estimate.loading, Times(sizes.widened, 3));  // queries, keys and values are laid out together
  const int64_t rows = Times(Times(options.threads + 1, options.max_batch_tokens), kRowsPerToken);
  estimate.working = Times(rows, sizes.width * kFloat);
  return estimate;
}

}  // namespace verdict
