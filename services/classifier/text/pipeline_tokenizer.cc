#include "services/classifier/text/pipeline_tokenizer.h"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/classifier/text/truncation.h"
#include "services/classifier/text/windows.h"

namespace verdict {
namespace {

absl::Status CheckId(int32_t id, const std::string& what) {
  if (id >= 0 && id <= PipelineTokenizer::kLargestId) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("id ", id, " of ", what, " is out of range"));
}

absl::Status CheckTemplate(const SequenceTemplate& sequence, bool is_pair) {
  const std::string name = is_pair ? "the template of a pair" : "the template of a text";
  if (absl::Status status = sequence.Check(is_pair); !status.ok()) {
    return absl::InvalidArgumentError(absl::StrCat(name, " ", status.message()));
  }
  for (const SequenceTemplate::Piece& piece : sequence.pieces) {
    if (absl::Status status = CheckId(piece.token_id, name); !status.ok()) return status;
  }
  return absl::OkStatus();
}

absl::Status CheckOptions(const PipelineTokenizer::Options& options) {
  absl::Status status = CheckTemplate(options.single, false);
  status.Update(CheckTemplate(options.pair, true));
  for (const IdentifiedToken& added : options.added_tokens) {
    status.Update(CheckId(added.id, absl::StrCat("added token \"", added.token.content, "\"")));
  }
  return status;
}

int VocabularySize(const PipelineTokenizer::Options& options) {
  int32_t largest = std::max({options.largest_id, options.single.largest_id(), options.pair.largest_id()});
  for (const IdentifiedToken& added : options.added_tokens) largest = std::max(largest, added.id);
  return largest + 1;
}

// Two tokens may have the same normal form; the lower id wins, so that the outcome does not depend on their order.
std::vector<AddedTokenMatcher::Pattern> WithoutDuplicates(std::vector<AddedTokenMatcher::Pattern> patterns) {
  std::map<std::string, AddedTokenMatcher::Pattern> by_text;
  for (AddedTokenMatcher::Pattern& pattern : patterns) {
    const auto [it, inserted] = by_text.try_emplace(pattern.text, pattern);
    if (!inserted && pattern.id < it->second.id) it->second = pattern;
  }
  std::vector<AddedTokenMatcher::Pattern> unique;
  unique.reserve(by_text.size());
  for (auto& [text, pattern] : by_text) unique.push_back(std::move(pattern));
  return unique;
}

}  // namespace

absl::StatusOr<std::unique_ptr<PipelineTokenizer>> PipelineTokenizer::Create(Options options) {
  if (absl::Status status = CheckOptions(options); !status.ok()) return status;
  absl::StatusOr<Matchers> matchers = BuildMatchers(options);
  if (!matchers.ok()) return matchers.status();
  return std::unique_ptr<PipelineTokenizer>(new PipelineTokenizer(*std::move(matchers), std::move(options)));
}

absl::StatusOr<PipelineTokenizer::Matchers> PipelineTokenizer::BuildMatchers(const Options& options) {
  std::vector<AddedTokenMatcher::Pattern> raw;
  std::vector<AddedTokenMatcher::Pattern> normalized;
  for (const auto& [token, id] : options.added_tokens) {
    const bool ignored = options.split_special_tokens && token.special;
    AddedTokenMatcher::Pattern pattern = {token.content, id, token.single_word, token.lstrip, token.rstrip, ignored};
    if (token.normalized) options.pipeline->Normalize(token.content, pattern.text);
    if (pattern.text.empty()) {
      return absl::InvalidArgumentError(absl::StrCat("added token \"", token.content, "\" is empty once normalised"));
    }
    (token.normalized ? normalized : raw).push_back(std::move(pattern));
  }
  return Matchers{AddedTokenMatcher(WithoutDuplicates(std::move(raw))),
                  AddedTokenMatcher(WithoutDuplicates(std::move(normalized)))};
}

PipelineTokenizer::PipelineTokenizer(Matchers matchers, Options options)
    : pipeline_(std::move(options.pipeline)),
      matchers_(std::move(matchers)),
      single_(options.single),
      pair_(options.pair),
      vocabulary_size_(VocabularySize(options)) {
  for (const auto& [token, id] : options.added_tokens) added_tokens_.emplace(id, token.content);
}

absl::StatusOr<Encoding> PipelineTokenizer::Encode(const TextInput& input, int max_tokens, TruncationPolicy policy) const {
  const SequenceTemplate& shape = input.text_pair ? pair_ : single_;
  const int added = shape.added_tokens();
  if (max_tokens < added) {
    return absl::InvalidArgumentError(
        absl::StrCat("the special tokens alone are ", added, " tokens, at most ", max_tokens, " fit"));
  }
  std::vector<int32_t> first = Tokenize(input.text);
  std::vector<int32_t> second = input.text_pair ? Tokenize(*input.text_pair) : std::vector<int32_t>();
  const size_t total = first.size() + second.size();
  const PairLengths kept = TruncateLongestFirst({first.size(), second.size()}, static_cast<size_t>(max_tokens - added));
  const size_t dropped = total - kept.first - kept.second;
  if (dropped > 0 && policy == TruncationPolicy::kError) {
    return absl::InvalidArgumentError(
        absl::StrCat("the input has ", total + static_cast<size_t>(added), " tokens, the model takes at most ", max_tokens));
  }
  KeepTokens(first, kept.first, policy);
  KeepTokens(second, kept.second, policy);
  return Encoding{shape.Apply(first, second), static_cast<int>(dropped)};
}

absl::StatusOr<std::vector<Window>> PipelineTokenizer::EncodeWindows(const TextInput& input, const WindowPlan& plan) const {
  const SequenceTemplate& shape = input.text_pair ? pair_ : single_;
  const std::vector<int32_t> first = Tokenize(input.text);
  const std::vector<int32_t> second = input.text_pair ? Tokenize(*input.text_pair) : std::vector<int32_t>();
  const bool cuts_first = first.size() >= second.size();
  const std::vector<int32_t>& cut = cuts_first ? first : second;
  const std::vector<int32_t>& whole = cuts_first ? second : first;
  const size_t taken = static_cast<size_t>(shape.added_tokens()) + whole.size();
  const size_t size = static_cast<size_t>(plan.size);
  const auto spans = LayWindows(cut.size(), size > taken ? size - taken : 0, plan);
  if (!spans.ok()) return spans.status();
  std::vector<Window> windows;
  for (const WindowSpan& span : *spans) {
    const std::vector<int32_t> part(cut.begin() + static_cast<ptrdiff_t>(span.begin),
                                    cut.begin() + static_cast<ptrdiff_t>(span.end));
    windows.push_back({cuts_first ? shape.Apply(part, whole) : shape.Apply(whole, part), static_cast<int>(span.begin)});
  }
  return windows;
}

std::vector<int32_t> PipelineTokenizer::Tokenize(std::string_view text) const {
  std::vector<int32_t> ids;
  std::string normal_form;
  const auto on_token = [&](int32_t id) { ids.push_back(id); };
  const auto on_text = [&](std::string_view piece) {
    pipeline_->Normalize(piece, normal_form);
    TokenizeNormalized(normal_form, piece.data() == text.data() && pipeline_->KeepsStart(piece), ids);
  };
  matchers_.raw.Split(text, on_text, on_token);
  return ids;
}

void PipelineTokenizer::TokenizeNormalized(std::string_view text, bool at_start, std::vector<int32_t>& ids) const {
  const auto on_token = [&](int32_t id) { ids.push_back(id); };
  const auto on_text = [&](std::string_view piece) { pipeline_->Tokenize(piece, at_start && piece.data() == text.data(), ids); };
  if (matchers_.normalized.empty()) return on_text(text);
  matchers_.normalized.Split(text, on_text, on_token);
}

TokenizerDescription PipelineTokenizer::Describe() const {
  const auto name = [&](int32_t id) {
    const auto found = added_tokens_.find(id);
    return found == added_tokens_.end() ? absl::StrCat("#", id) : found->second;
  };
  return {pipeline_->Describe(), static_cast<int>(added_tokens_.size()), single_.Describe(name), pair_.Describe(name)};
}

}  // namespace verdict
