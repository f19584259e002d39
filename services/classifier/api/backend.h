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
  std::string precision;  // "fp32"
  int num_labels = 0;
  int max_tokens = 0;       // longest sequence that the position embeddings allow
  bool soft_limit = false;  // positions go on beyond max_tokens, which is what the configuration names
  int vocabulary_size = 0;  // token ids below this are valid; 0: unknown
  int64_t parameters = 0;   // 0: unknown
};

// Runs the model on token sequences. Not thread-safe: one thread calls Forward at a time.
class Backend {
 public:
  virtual ~Backend() = default;

  virtual const BackendInfo& info() const = 0;

  // Logits of each sequence, in order. A sequence's row does not depend on its neighbours beyond rounding. `sequences` is not
  // empty; every sequence has 1 to the model's maximum of tokens. Errors: kInternal with the library's message.
  virtual absl::StatusOr<Logits> Forward(const std::vector<const TokenSequence*>& sequences) = 0;
};

}  // namespace verdict
