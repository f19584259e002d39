#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/api/backend.h"
#include "services/classifier/api/classifier.h"
#include "services/classifier/text/text_pipeline.h"

namespace verdict {

// A tokenised input that fits the model.
struct Encoding {
  TokenSequence sequence;  // with special tokens
  int tokens_dropped = 0;  // content tokens that truncation removed
};

// A part of a tokenised input, complete with special tokens.
struct Window {
  TokenSequence sequence;
  int first_token = 0;  // of its content, in the text that was cut
};

struct WindowPlan {
  int size = 0;               // tokens of a window, special tokens included
  std::optional<int> stride;  // content tokens that neighbours share; absent: a quarter of a window's
  int max_windows = 0;
};

// What a tokenizer does, for people.
struct TokenizerDescription {
  PipelineDescription pipeline;
  int added_tokens = 0;  // that are looked for in the text itself
  std::string text;      // where special tokens go around a text: "[CLS] A [SEP]"
  std::string pair;
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

  // Tokenises `input` and cuts it into windows of at most `size` tokens, special tokens included; see text/windows.h. Of a pair,
  // the longer text is cut and the other is whole in each window. Errors: kInvalidArgument, with the numbers, when a window has
  // no room for more content than neighbours share, or there would be more than `max_windows`.
  virtual absl::StatusOr<std::vector<Window>> EncodeWindows(const TextInput& input, const WindowPlan& plan) const = 0;

  // One more than the largest id that Encode can return.
  virtual int vocabulary_size() const = 0;

  virtual TokenizerDescription Describe() const = 0;
};

}  // namespace verdict
