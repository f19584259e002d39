#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace verdict {

// The tokens of one input, special tokens included.
struct TokenSequence {
  std::vector<int32_t> ids;
  std::vector<int32_t> type_ids;  // same length as ids
};

// Row-major [rows, columns] matrix: a row per sequence, a column per label.
struct Logits {
  int rows = 0;
  int columns = 0;
  std::vector<float> values;

  const float* row(int i) const { return values.data() + static_cast<size_t>(i) * columns; }
};

struct BackendInfo {
  std::string name;       // "native" or "torchscript"
  std::string precision;  // "fp32", "bf16", "int8"
  int num_labels = 0;
  int max_tokens = 0;       // longest sequence that the position embeddings allow
  bool soft_limit = false;  // positions go on beyond max_tokens, which is what the configuration names
  int vocabulary_size = 0;  // token ids below this are valid; 0: unknown
  int64_t parameters = 0;   // 0: unknown
  int lanes = 1;            // passes that may run at the same time
  // A pass of fewer tokens ends no sooner on all processors than on one: waking them takes as long as the pass.
  int64_t wide_from_tokens = 0;
};

// Where a pass runs.
struct Lane {
  int index = 0;     // below BackendInfo::lanes; one pass at a time
  bool wide = true;  // on all processors, and so alone; otherwise on one
};

// Runs the model on token sequences. Thread-safe within the rules of Lane.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual const BackendInfo& info() const = 0;

  // Logits of each sequence, in order. `sequences` is not empty; every sequence has 1 to the model's maximum of tokens. A
  // sequence's row depends neither on its neighbours nor on the lane: not at all in the native backend, not beyond rounding in
  // others. Errors: kInternal.
  absl::StatusOr<Logits> Forward(const std::vector<const TokenSequence*>& sequences, const Lane& lane = {}) {
    return Run(sequences, lane);
  }

 private:
  virtual absl::StatusOr<Logits> Run(const std::vector<const TokenSequence*>& sequences, const Lane& lane) = 0;
};

}  // namespace verdict
