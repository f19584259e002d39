#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "services/classifier/api/backend.h"
#include "services/classifier/api/classifier.h"

namespace verdict {

// A tokenised input that fits the model.
struct Encoding {
  TokenSequence sequence;  // with special tokens
  int tokens_dropped = 0;  // content tokens that truncation removed
};

// Turns text into the token ids that Hugging Face's `tokenizers` gives for the same model directory. Immutable after
// construction, so thread-safe.
class Tokenizer {
 public:
  virtual ~Tokenizer() = default;

  // Tokenises `input` (valid UTF-8) with special tokens and truncates it to `max_tokens` in all, the longer text of a pair first
  // ("longest_first" of transformers). A pair whose second text is empty is still a pair.
  //
  // `policy` alone says what is kept: kHead is what transformers calls truncation_side "right", kTail "left". A model directory
  // that names a side changes the default of requests (LoadedTokenizer::default_truncation), not the meaning of a policy.
  //
  // Errors: kInvalidArgument under TruncationPolicy::kError when the input has more than `max_tokens` tokens, with both numbers
  // in the message, and under every policy when `max_tokens` leaves no room for the special tokens.
  virtual absl::StatusOr<Encoding> Encode(const TextInput& input, int max_tokens, TruncationPolicy policy) const = 0;

  // One more than the largest id that Encode can return.
  virtual int vocabulary_size() const = 0;
};

}  // namespace verdict
