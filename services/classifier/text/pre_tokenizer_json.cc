#include "services/classifier/text/pre_tokenizer_json.h"

#include <string>
#include <utility>

#include "services/classifier/text/byte_level.h"
#include "services/classifier/text/metaspace.h"
#include "services/classifier/text/normalizer_json.h"
#include "services/classifier/text/split_pre_tokenizers.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {
namespace {

using Step = std::unique_ptr<const PreTokenizer>;
using Prepend = MetaspacePreTokenizer::Prepend;

constexpr std::string_view kGpt2Regex = "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+";

absl::StatusOr<SplitBehavior> ReadBehavior(const JsonView& step) {
  const absl::StatusOr<std::string> name = step.String("behavior");
  if (!name.ok()) return name.status();
  constexpr std::pair<std::string_view, SplitBehavior> kBehaviors[] = {{"Removed", SplitBehavior::kRemoved},
                                                                       {"Isolated", SplitBehavior::kIsolated},
                                                                       {"MergedWithPrevious", SplitBehavior::kMergedWithPrevious},
                                                                       {"MergedWithNext", SplitBehavior::kMergedWithNext},
                                                                       {"Contiguous", SplitBehavior::kContiguous}};
  for (const auto& [known, behavior] : kBehaviors) {
    if (*name == known) return behavior;
  }
  return step.Unsupported("behavior", *name);
}

absl::StatusOr<Step> ReadByteLevel(const JsonView& step, bool raw_bytes) {
  const absl::StatusOr<bool> prefix = step.Boolean("add_prefix_space");
  const absl::StatusOr<bool> regex = step.Boolean("use_regex", true);
  if (!prefix.ok()) return prefix.status();
  if (!regex.ok()) return regex.status();
  return std::make_unique<ByteLevelPreTokenizer>(ByteLevelPreTokenizer::Options{*prefix, *regex, raw_bytes});
}

// Older files have add_prefix_space, or nothing, in place of prepend_scheme.
absl::StatusOr<Prepend> ReadPrepend(const JsonView& step) {
  const absl::StatusOr<bool> prefix = step.Boolean("add_prefix_space", true);
  if (!prefix.ok()) return prefix.status();
  const absl::StatusOr<std::string> scheme = step.String("prepend_scheme", *prefix ? "always" : "never");
  if (!scheme.ok()) return scheme.status();
  if (*scheme == "never") return Prepend::kNever;
  if (!*prefix) return step.Error("add_prefix_space", "does not go with the prepend_scheme");
  if (*scheme == "always") return Prepend::kAlways;
  if (*scheme == "first") return Prepend::kFirst;
  return step.Unsupported("prepend_scheme", *scheme);
}

absl::StatusOr<Step> ReadMetaspace(const JsonView& step) {
  absl::StatusOr<std::string> replacement = step.String("replacement");
  const absl::StatusOr<Prepend> prepend = ReadPrepend(step);
  const absl::StatusOr<bool> split = step.Boolean("split", true);
  for (const absl::Status& status : {replacement.status(), prepend.status(), split.status()}) {
    if (!status.ok()) return status;
  }
  if (replacement->empty() || static_cast<size_t>(DecodeChar(*replacement).length) != replacement->size()) {
    return step.Error("replacement", "expected one character");
  }
  return std::make_unique<MetaspacePreTokenizer>(MetaspacePreTokenizer::Options{*std::move(replacement), *prepend, *split});
}

absl::StatusOr<Step> ReadPunctuation(const JsonView& step) {
  const absl::StatusOr<SplitBehavior> behavior = step.Find("behavior") == nullptr ? SplitBehavior::kIsolated : ReadBehavior(step);
  if (!behavior.ok()) return behavior.status();
  return std::make_unique<PatternPreTokenizer>(MatchPunctuation, *behavior);
}

absl::StatusOr<Step> ReadDigits(const JsonView& step) {
  const absl::StatusOr<bool> individual = step.Boolean("individual_digits", false);
  if (!individual.ok()) return individual.status();
  const SplitBehavior behavior = *individual ? SplitBehavior::kIsolated : SplitBehavior::kContiguous;
  return std::make_unique<PatternPreTokenizer>(MatchDigit, behavior);
}

absl::StatusOr<Step> ReadDelimiter(const JsonView& step) {
  absl::StatusOr<std::string> delimiter = step.String("delimiter");
  if (!delimiter.ok()) return delimiter.status();
  if (delimiter->empty()) return step.Error("delimiter", "is empty");
  return std::make_unique<LiteralPreTokenizer>(*std::move(delimiter), SplitBehavior::kRemoved, false);
}

absl::StatusOr<Step> ReadSplit(const JsonView& step) {
  const absl::StatusOr<JsonView> pattern = step.Object("pattern");
  const absl::StatusOr<SplitBehavior> behavior = ReadBehavior(step);
  const absl::StatusOr<bool> invert = step.Boolean("invert");
  for (const absl::Status& status : {pattern.status(), behavior.status(), invert.status()}) {
    if (!status.ok()) return status;
  }
  const bool is_regex = pattern->Find("Regex") != nullptr;
  absl::StatusOr<std::string> text = pattern->String(is_regex ? "Regex" : "String");
  if (!text.ok()) return text.status();
  constexpr std::pair<std::string_view, PatternPreTokenizer::Pattern> kPatterns[] = {
      {kGpt2Regex, MatchGpt2}, {"\\s+", MatchSpaces}, {"\\s", MatchSpace}, {"\\w+|[^\\w\\s]+", MatchWords}};
  for (const auto& [known, match] : kPatterns) {
    if (is_regex && *text == known) return std::make_unique<PatternPreTokenizer>(match, *behavior, *invert);
  }
  if (is_regex && !IsLiteralRegex(*text)) return pattern->Unsupported("Regex", *text);
  if (text->empty()) return pattern->Error("String", "is empty");
  return std::make_unique<LiteralPreTokenizer>(*std::move(text), *behavior, *invert);
}

absl::StatusOr<Step> ReadStep(const JsonView& step, const std::string& type, bool raw_bytes) {
  if (type == "BertPreTokenizer") return std::make_unique<BertPreTokenizer>();
  if (type == "WhitespaceSplit") return std::make_unique<WhitespaceSplitPreTokenizer>();
  if (type == "Whitespace") {
    return std::make_unique<PatternPreTokenizer>(MatchWords, SplitBehavior::kRemoved, true);
  }
  if (type == "ByteLevel") return ReadByteLevel(step, raw_bytes);
  if (type == "Metaspace") return ReadMetaspace(step);
  if (type == "Punctuation") return ReadPunctuation(step);
  if (type == "Digits") return ReadDigits(step);
  if (type == "CharDelimiterSplit") return ReadDelimiter(step);
  if (type == "Split") return ReadSplit(step);
  return step.Unsupported("type", type);
}

// The steps in order, sequences inside sequences unfolded; as deep as the JSON parser lets them be.
absl::Status Flatten(const JsonView& step, std::vector<std::pair<JsonView, std::string>>& flat) {
  absl::StatusOr<std::string> type = step.String("type");
  if (!type.ok()) return type.status();
  if (*type != "Sequence") {
    flat.emplace_back(step, *std::move(type));
    return absl::OkStatus();
  }
  const absl::StatusOr<std::vector<JsonView>> items = step.Objects("pretokenizers");
  if (!items.ok()) return items.status();
  for (const JsonView& item : *items) {
    if (absl::Status status = Flatten(item, flat); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<PreTokenizerSteps> ReadPreTokenizers(const JsonView& document, bool raw_bytes) {
  constexpr size_t kMaxSteps = 32;  // each is a few calls deep
  PreTokenizerSteps result;
  if (document.Find("pre_tokenizer") == nullptr) return result;
  const absl::StatusOr<JsonView> pre_tokenizer = document.Object("pre_tokenizer");
  if (!pre_tokenizer.ok()) return pre_tokenizer.status();
  std::vector<std::pair<JsonView, std::string>> flat;
  if (absl::Status status = Flatten(*pre_tokenizer, flat); !status.ok()) return status;
  if (flat.size() > kMaxSteps) return pre_tokenizer->Error("", "has too many steps");
  for (size_t i = 0; i < flat.size(); ++i) {
    const auto& [step, type] = flat[i];
    absl::StatusOr<Step> built = ReadStep(step, type, raw_bytes && i + 1 == flat.size());
    if (!built.ok()) return built.status();
    result.steps.push_back(*std::move(built));
  }
  result.ends_with_byte_level = !flat.empty() && flat.back().second == "ByteLevel";
  return result;
}

}  // namespace verdict
