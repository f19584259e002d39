#include "services/classifier/text/tokenizer_json.h"

#include <algorithm>
#include <limits>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"

namespace verdict {
namespace {

absl::StatusOr<JsonView> WordPieceObject(const JsonView& document) {
  absl::StatusOr<JsonView> model = document.Object("model");
  if (!model.ok()) return model.status();
  const absl::StatusOr<std::string> type = model->String("type", "WordPiece");  // old files do not name it
  if (!type.ok()) return type.status();
  if (*type != "WordPiece") return model->Unsupported("type", *type);
  return model;
}

absl::Status CheckUniqueIds(const JsonView& tokens, const Vocabulary& vocabulary) {
  std::vector<std::pair<int32_t, std::string_view>> by_id;
  by_id.reserve(vocabulary.size());
  for (const auto& [token, id] : vocabulary) by_id.emplace_back(id, token);
  std::sort(by_id.begin(), by_id.end());
  const auto same =
      std::adjacent_find(by_id.begin(), by_id.end(), [](const auto& a, const auto& b) { return a.first == b.first; });
  if (same == by_id.end()) return absl::OkStatus();
  return tokens.Error("", absl::StrCat(Quoted(same->second), " and ", Quoted((same + 1)->second), " share the id ", same->first));
}

bool HasType(const JsonView& document, std::string_view member, std::string_view type) {
  const absl::StatusOr<JsonView> part = document.Object(member);
  if (!part.ok()) return false;
  const absl::StatusOr<std::string> found = part->String("type", "");
  return found.ok() && *found == type;
}

}  // namespace

absl::StatusOr<Vocabulary> ReadVocabularyEntries(const JsonView& tokens) {
  if (tokens.object().empty()) return tokens.Error("", "is empty");
  Vocabulary vocabulary;
  vocabulary.reserve(tokens.object().size());
  for (const auto& [key, value] : tokens.object()) {
    const std::string_view token(key.data(), key.size());
    if (!value.is_int64() || value.get_int64() < 0 || value.get_int64() > PipelineTokenizer::kLargestId) {
      return tokens.Error(Quoted(token), absl::StrCat("expected an id between 0 and ", PipelineTokenizer::kLargestId));
    }
    vocabulary.emplace_back(token, static_cast<int32_t>(value.get_int64()));
  }
  if (absl::Status status = CheckUniqueIds(tokens, vocabulary); !status.ok()) return status;
  return vocabulary;
}

absl::StatusOr<Vocabulary> ReadVocabularyObject(const JsonView& parent, const std::string& member) {
  const absl::StatusOr<JsonView> tokens = parent.Object(member);
  return tokens.ok() ? ReadVocabularyEntries(*tokens) : tokens.status();
}

bool IsBertPipeline(const JsonView& document) {
  return WordPieceObject(document).ok() && HasType(document, "pre_tokenizer", "BertPreTokenizer") &&
         (document.Find("normalizer") == nullptr || HasType(document, "normalizer", "BertNormalizer"));
}

absl::StatusOr<Vocabulary> ReadWordPieceVocabulary(const JsonView& document) {
  const absl::StatusOr<JsonView> model = WordPieceObject(document);
  if (!model.ok()) return model.status();
  return ReadVocabularyObject(*model, "vocab");
}

absl::StatusOr<WordPieceModel::Options> ReadWordPieceModel(const JsonView& document) {
  const absl::StatusOr<JsonView> model = WordPieceObject(document);
  if (!model.ok()) return model.status();
  absl::StatusOr<Vocabulary> vocabulary = ReadVocabularyObject(*model, "vocab");
  absl::StatusOr<std::string> unk_token = model->String("unk_token");
  absl::StatusOr<std::string> prefix = model->String("continuing_subword_prefix");
  const absl::StatusOr<int64_t> max_chars = model->Integer("max_input_chars_per_word", 0, std::numeric_limits<int64_t>::max());
  for (const absl::Status& status : {vocabulary.status(), unk_token.status(), prefix.status(), max_chars.status()}) {
    if (!status.ok()) return status;
  }
  return WordPieceModel::Options{*std::move(vocabulary), *std::move(unk_token), *std::move(prefix), *max_chars};
}

absl::StatusOr<BertNormalizer::Options> ReadNormalizer(const JsonView& document) {
  if (document.Find("normalizer") == nullptr) return BertNormalizer::Options{false, false, false, false};
  const absl::StatusOr<JsonView> normalizer = document.Object("normalizer");
  if (!normalizer.ok()) return normalizer.status();
  const absl::StatusOr<std::string> type = normalizer->String("type");
  if (!type.ok()) return type.status();
  if (*type != "BertNormalizer") return normalizer->Unsupported("type", *type);
  return ReadBertNormalizer(*normalizer);
}

absl::StatusOr<BertNormalizer::Options> ReadBertNormalizer(const JsonView& normalizer) {
  const absl::StatusOr<bool> clean = normalizer.Boolean("clean_text");
  const absl::StatusOr<bool> chinese = normalizer.Boolean("handle_chinese_chars");
  const absl::StatusOr<bool> lowercase = normalizer.Boolean("lowercase");
  const absl::StatusOr<bool> strip = normalizer.Boolean("strip_accents", false);
  for (const absl::Status& status : {clean.status(), chinese.status(), lowercase.status(), strip.status()}) {
    if (!status.ok()) return status;
  }
  BertNormalizer::Options options{*clean, *chinese, std::nullopt, *lowercase};
  if (normalizer.Find("strip_accents") != nullptr) options.strip_accents = *strip;
  return options;
}

absl::StatusOr<AddedToken> ReadAddedToken(const JsonView& object, std::optional<bool> forced_special) {
  absl::StatusOr<std::string> content = object.String("content");
  const absl::StatusOr<bool> single_word = object.Boolean("single_word", false);
  const absl::StatusOr<bool> lstrip = object.Boolean("lstrip", false);
  const absl::StatusOr<bool> rstrip = object.Boolean("rstrip", false);
  const absl::StatusOr<bool> special = forced_special ? absl::StatusOr<bool>(*forced_special) : object.Boolean("special", false);
  const absl::StatusOr<bool> normalized = object.Boolean("normalized", !special.value_or(false));
  for (const absl::Status& status :
       {content.status(), single_word.status(), lstrip.status(), rstrip.status(), special.status(), normalized.status()}) {
    if (!status.ok()) return status;
  }
  return AddedToken{*std::move(content), *single_word, *lstrip, *rstrip, *normalized, *special};
}

absl::StatusOr<std::vector<IdentifiedToken>> ReadAddedTokens(const JsonView& document) {
  std::vector<IdentifiedToken> tokens;
  const boost::json::value* list = document.Find("added_tokens");
  if (list == nullptr) return tokens;
  if (!list->is_array()) return document.Error("added_tokens", "expected an array");
  for (const boost::json::value& item : list->get_array()) {
    const absl::StatusOr<JsonView> object = document.ObjectAt(item, absl::StrCat("added_tokens[", tokens.size(), "]"));
    if (!object.ok()) return object.status();
    absl::StatusOr<AddedToken> token = ReadAddedToken(*object);
    if (!token.ok()) return token.status();
    const absl::StatusOr<int64_t> id = object->Integer("id", 0, PipelineTokenizer::kLargestId);
    if (!id.ok()) return id.status();
    tokens.push_back({*std::move(token), static_cast<int32_t>(*id)});
  }
  return tokens;
}

absl::StatusOr<std::optional<std::string>> ReadTruncationSide(const JsonView& document) {
  if (document.Find("truncation") == nullptr) return std::nullopt;
  const absl::StatusOr<JsonView> truncation = document.Object("truncation");
  if (!truncation.ok()) return truncation.status();
  const absl::StatusOr<std::string> direction = truncation->String("direction", "Right");
  if (!direction.ok()) return direction.status();
  if (*direction == "Right") return "right";
  if (*direction == "Left") return "left";
  return truncation->Error("direction", "expected \"Left\" or \"Right\"");
}

}  // namespace verdict
