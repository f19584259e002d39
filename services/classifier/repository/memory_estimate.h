#pragma once

#include <cstdint>
#include <string>

#include "absl/status/statusor.h"
#include "services/classifier/model/model_directory.h"

namespace verdict {

// Memory that a model takes once it is loaded, in bytes, by part. Embeddings of fp32 are not in it: they are read where they lie
// in the mapped file, whose pages the kernel takes back when it needs them.
struct MemoryEstimate {
  int64_t weights = 0;    // as the engine lays them out
  int64_t tokenizer = 0;  // vocabulary, merges and what finds them
  int64_t working = 0;    // intermediate results of full batches, on every lane
  int64_t fixed = 0;      // threads, labels, borders of pages
  int64_t loading = 0;    // on top, while it is being loaded
  int64_t runtime = 0;    // of LibTorch, once for all models that need it: not in the sums below

  int64_t kept() const { return weights + tokenizer + working + fixed; }
  int64_t most() const { return kept() + loading; }
};

struct EstimateOptions {
  std::string precision = "fp32";  // --precision; where a trial decides, the estimate is that of the larger outcome
  int threads = 1;
  int max_batch_tokens = 1024;
};

// From the sizes of the files and the shapes of the tensors; reads no weights. Errors: those of Weights, which name the file.
absl::StatusOr<MemoryEstimate> EstimateMemory(const ModelDirectory& directory, const EstimateOptions& options);

}  // namespace verdict
