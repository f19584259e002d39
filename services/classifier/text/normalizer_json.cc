#include "services/classifier/text/normalizer_json.h"

#include <string>
#include <utility>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "services/classifier/text/bert_normalizer.h"
#include "services/classifier/text/precompiled_normalizer.h"
#include "services/classifier/text/text_normalizers.h"
#include "services/classifier/text/tokenizer_json.h"
#include "services/classifier/text/unicode_normalizer.h"

namespace verdict {
namespace {

using Step = std::unique_ptr<const Normalizer>;
using Form = UnicodeNormalizer::Form;
using Run = SpaceRunNormalizer::Run;

absl::StatusOr<Step> ReadBert(const JsonView& normalizer) {
  const absl::StatusOr<BertNormalizer::Options> options = ReadBertNormalizer(normalizer);
  if (!options.ok()) return options.status();
  return std::make_unique<BertNormalizer>(*options);
}

absl::StatusOr<Step> ReadStrip(const JsonView& normalizer) {
  const absl::StatusOr<bool> left = normalizer.Boolean("strip_left");
  const absl::StatusOr<bool> right = normalizer.Boolean("strip_right");
  if (!left.ok()) return left.status();
  if (!right.ok()) return right.status();
  return std::make_unique<StripNormalizer>(*left, *right);
}

absl::StatusOr<Step> ReadPrepend(const JsonView& normalizer) {
  absl::StatusOr<std::string> prefix = normalizer.String("prepend");
  if (!prefix.ok()) return prefix.status();
  return std::make_unique<PrependNormalizer>(*std::move(prefix));
}

absl::StatusOr<Step> ReadRegexReplace(const JsonView& pattern, std::string content) {
  absl::StatusOr<std::string> regex = pattern.String("Regex");
  if (!regex.ok()) return regex.status();
  constexpr std::pair<std::string_view, Run> kRuns[] = {{" {2,}", Run::kTwoSpaces},
                                                        {" +", Run::kSpaces},
                                                        {"\\s+", Run::kWhiteSpace},
                                                        {"\\s{2,}|[\\n\\r\\t]", Run::kTwoOrLineBreak}};
  for (const auto& [known, run] : kRuns) {
    if (*regex == known) return std::make_unique<SpaceRunNormalizer>(run, std::move(content));
  }
  if (!IsLiteralRegex(*regex)) return pattern.Unsupported("Regex", *regex);
  return std::make_unique<ReplaceNormalizer>(*std::move(regex), std::move(content));
}

absl::StatusOr<Step> ReadReplace(const JsonView& normalizer) {
  const absl::StatusOr<JsonView> pattern = normalizer.Object("pattern");
  if (!pattern.ok()) return pattern.status();
  absl::StatusOr<std::string> content = normalizer.String("content");
  if (!content.ok()) return content.status();
  if (pattern->Find("Regex") != nullptr) return ReadRegexReplace(*pattern, *std::move(content));
  absl::StatusOr<std::string> literal = pattern->String("String");
  if (!literal.ok()) return literal.status();
  if (literal->empty()) return pattern->Error("String", "is empty");
  return std::make_unique<ReplaceNormalizer>(*std::move(literal), *std::move(content));
}

absl::StatusOr<Step> ReadPrecompiled(const JsonView& normalizer) {
  const absl::StatusOr<std::string> map = ReadCharacterMap(normalizer);
  if (!map.ok()) return map.status();
  absl::StatusOr<PrecompiledNormalizer> precompiled = PrecompiledNormalizer::Create(*map);
  if (!precompiled.ok()) return normalizer.Error("precompiled_charsmap", std::string(precompiled.status().message()));
  return std::make_unique<PrecompiledNormalizer>(*std::move(precompiled));
}

absl::StatusOr<Step> ReadStep(const JsonView& normalizer, const std::string& type) {
  constexpr std::pair<std::string_view, Form> kForms[] = {
      {"NFC", Form::kNfc}, {"NFD", Form::kNfd}, {"NFKC", Form::kNfkc}, {"NFKD", Form::kNfkd}};
  for (const auto& [name, form] : kForms) {
    if (type == name) return std::make_unique<UnicodeNormalizer>(form);
  }
  if (type == "Lowercase") return std::make_unique<LowercaseNormalizer>();
  if (type == "StripAccents") return std::make_unique<StripAccentsNormalizer>();
  if (type == "ByteLevel") return std::make_unique<ByteLevelNormalizer>();
  if (type == "BertNormalizer") return ReadBert(normalizer);
  if (type == "Strip") return ReadStrip(normalizer);
  if (type == "Prepend") return ReadPrepend(normalizer);
  if (type == "Replace") return ReadReplace(normalizer);
  if (type == "Precompiled") return ReadPrecompiled(normalizer);
  return normalizer.Unsupported("type", type);
}

// Sequences inside sequences are as deep as the JSON parser lets them be.
absl::Status Append(const JsonView& normalizer, Normalizers& steps) {
  const absl::StatusOr<std::string> type = normalizer.String("type");
  if (!type.ok()) return type.status();
  if (*type != "Sequence") {
    absl::StatusOr<Step> step = ReadStep(normalizer, *type);
    if (!step.ok()) return step.status();
    steps.push_back(*std::move(step));
    return absl::OkStatus();
  }
  const absl::StatusOr<std::vector<JsonView>> items = normalizer.Objects("normalizers");
  if (!items.ok()) return items.status();
  for (const JsonView& item : *items) {
    if (absl::Status status = Append(item, steps); !status.ok()) return status;
  }
  return absl::OkStatus();
}

}  // namespace

bool IsLiteralRegex(std::string_view regex) { return !regex.empty() && regex.find_first_of("\\^$.|?*+()[]{}") == regex.npos; }

absl::StatusOr<std::string> ReadCharacterMap(const JsonView& normalizer) {
  const absl::StatusOr<std::string> text = normalizer.String("precompiled_charsmap");
  if (!text.ok()) return text.status();
  std::string map;
  if (!absl::Base64Unescape(*text, &map)) return normalizer.Error("precompiled_charsmap", "is not base64");
  return map;
}

absl::StatusOr<Normalizers> ReadNormalizers(const JsonView& document) {
  Normalizers steps;
  if (document.Find("normalizer") == nullptr) return steps;
  const absl::StatusOr<JsonView> normalizer = document.Object("normalizer");
  if (!normalizer.ok()) return normalizer.status();
  if (absl::Status status = Append(*normalizer, steps); !status.ok()) return status;
  return steps;
}

}  // namespace verdict
