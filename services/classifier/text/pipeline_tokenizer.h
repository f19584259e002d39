#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/text/added_token_matcher.h"
#include "services/classifier/text/sequence_template.h"
#include "services/classifier/text/text_pipeline.h"
#include "services/classifier/text/tokenizer.h"

namespace verdict {

struct IdentifiedToken {
  AddedToken token;
  int32_t id = 0;
};

// The frame of every tokenizer: added tokens cut out of the text, a pipeline for what is between them, special tokens around,
// truncation. Immutable, so thread-safe.
class PipelineTokenizer : public Tokenizer {
 public:
  struct Options {
    std::unique_ptr<const TextPipeline> pipeline;
    int32_t largest_id = -1;  // that the pipeline gives
    std::vector<IdentifiedToken> added_tokens;
    bool split_special_tokens = false;  // special tokens written in a text are text
    SequenceTemplate single;
    SequenceTemplate pair;
  };

  // Errors: kInvalidArgument, naming the part of the options, when an id is negative or larger than kLargestId, a template lacks
  // a text, or nothing is left of an added token once it is normalised.
  static absl::StatusOr<std::unique_ptr<PipelineTokenizer>> Create(Options options);

  // So that vocabulary_size() is an int.
  static constexpr int32_t kLargestId = 0x7FFFFFFE;

  absl::StatusOr<Encoding> Encode(const TextInput& input, int max_tokens, TruncationPolicy policy) const override;
  absl::StatusOr<std::vector<Window>> EncodeWindows(const TextInput& input, const WindowPlan& plan) const override;
  int vocabulary_size() const override { return vocabulary_size_; }
  TokenizerDescription Describe() const override;

 private:
  struct Matchers {
    AddedTokenMatcher raw;
    AddedTokenMatcher normalized;
  };

  PipelineTokenizer(Matchers matchers, Options options);

  static absl::StatusOr<Matchers> BuildMatchers(const Options& options);

  std::vector<int32_t> Tokenize(std::string_view text) const;
  void TokenizeNormalized(std::string_view text, bool at_start, std::vector<int32_t>& ids) const;

  std::unique_ptr<const TextPipeline> pipeline_;
  Matchers matchers_;
  SequenceTemplate single_;
  SequenceTemplate pair_;
  int vocabulary_size_ = 0;
  std::map<int32_t, std::string> added_tokens_;  // by id
};

}  // namespace verdict
