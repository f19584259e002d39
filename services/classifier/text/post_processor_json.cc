#include <algorithm>
#include <limits>
#include <map>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "services/classifier/text/tokenizer_json.h"

namespace verdict {
namespace {

using Piece = SequenceTemplate::Piece;
using SpecialIds = std::map<std::string, std::vector<int32_t>, std::less<>>;

// More special tokens than any model has; names a few characters long could otherwise stand for millions of tokens each.
constexpr size_t kMaxPieces = 1000;

absl::StatusOr<const boost::json::array*> Array(const JsonView& view, std::string_view member) {
  const boost::json::value* value = view.Find(member);
  if (value == nullptr || !value->is_array()) return view.Error(member, "expected an array");
  return &value->get_array();
}

absl::StatusOr<int32_t> TokenId(const JsonView& view, std::string_view member, const boost::json::value& value) {
  if (value.is_int64() && value.get_int64() >= 0 && value.get_int64() <= PipelineTokenizer::kLargestId) {
    return static_cast<int32_t>(value.get_int64());
  }
  return view.Error(member, absl::StrCat("expected an id between 0 and ", PipelineTokenizer::kLargestId));
}

// BertProcessing writes a token as ["[CLS]", 101].
absl::StatusOr<int32_t> ReadBertToken(const JsonView& processor, std::string_view member) {
  const absl::StatusOr<const boost::json::array*> pair = Array(processor, member);
  if (!pair.ok()) return pair.status();
  if ((*pair)->size() != 2) return processor.Error(member, "expected a token and its id");
  return TokenId(processor, member, (*pair)->at(1));
}

absl::StatusOr<SequenceTemplates> ReadBertProcessing(const JsonView& processor) {
  const absl::StatusOr<int32_t> cls = ReadBertToken(processor, "cls");
  const absl::StatusOr<int32_t> sep = ReadBertToken(processor, "sep");
  if (!cls.ok()) return cls.status();
  if (!sep.ok()) return sep.status();
  return SequenceTemplates{BertSingleTemplate(*cls, *sep), BertPairTemplate(*cls, *sep)};
}

// The tokens of BERT between the texts twice, and one type for all.
absl::StatusOr<SequenceTemplates> ReadRobertaProcessing(const JsonView& processor) {
  const absl::StatusOr<int32_t> cls = ReadBertToken(processor, "cls");
  const absl::StatusOr<int32_t> sep = ReadBertToken(processor, "sep");
  if (!cls.ok()) return cls.status();
  if (!sep.ok()) return sep.status();
  return SequenceTemplates{BertSingleTemplate(*cls, *sep), RobertaPairTemplate(*cls, *sep)};
}

absl::StatusOr<SpecialIds> ReadSpecialIds(const JsonView& processor) {
  const absl::StatusOr<JsonView> tokens = processor.Object("special_tokens");
  if (!tokens.ok()) return tokens.status();
  SpecialIds special_ids;
  for (const auto& [key, value] : tokens->object()) {
    const absl::StatusOr<JsonView> token = tokens->Object({key.data(), key.size()});
    if (!token.ok()) return token.status();
    const absl::StatusOr<const boost::json::array*> ids = Array(*token, "ids");
    if (!ids.ok()) return ids.status();
    std::vector<int32_t>& entry = special_ids[std::string(key)];
    for (const boost::json::value& id : **ids) {
      const absl::StatusOr<int32_t> token_id = TokenId(*token, "ids", id);
      if (!token_id.ok()) return token_id.status();
      entry.push_back(*token_id);
    }
  }
  return special_ids;
}

absl::Status AppendText(const JsonView& text, std::vector<Piece>& pieces) {
  const absl::StatusOr<std::string> id = text.String("id");
  if (!id.ok()) return id.status();
  if (*id != "A" && *id != "B") return text.Error("id", "expected \"A\" or \"B\"");
  const absl::StatusOr<int64_t> type_id = text.Integer("type_id", 0, std::numeric_limits<int32_t>::max());
  if (!type_id.ok()) return type_id.status();
  pieces.push_back({*id == "A" ? Piece::Kind::kFirstText : Piece::Kind::kSecondText, 0, static_cast<int32_t>(*type_id)});
  return absl::OkStatus();
}

absl::Status AppendSpecial(const JsonView& special, const SpecialIds& special_ids, std::vector<Piece>& pieces) {
  const absl::StatusOr<std::string> name = special.String("id");
  if (!name.ok()) return name.status();
  const absl::StatusOr<int64_t> type_id = special.Integer("type_id", 0, std::numeric_limits<int32_t>::max());
  if (!type_id.ok()) return type_id.status();
  const auto ids = special_ids.find(*name);
  if (ids == special_ids.end()) return special.Error("id", absl::StrCat(Quoted(*name), " is not among the special_tokens"));
  if (ids->second.size() > kMaxPieces - std::min(pieces.size(), kMaxPieces))
    return special.Error("", "makes the template too long");
  for (int32_t id : ids->second) pieces.push_back({Piece::Kind::kToken, id, static_cast<int32_t>(*type_id)});
  return absl::OkStatus();
}

absl::Status AppendPiece(const JsonView& piece, const SpecialIds& special_ids, std::vector<Piece>& pieces) {
  if (piece.Find("Sequence") != nullptr) {
    const absl::StatusOr<JsonView> text = piece.Object("Sequence");
    return text.ok() ? AppendText(*text, pieces) : text.status();
  }
  const absl::StatusOr<JsonView> special = piece.Object("SpecialToken");
  return special.ok() ? AppendSpecial(*special, special_ids, pieces) : special.status();
}

absl::StatusOr<SequenceTemplate> ReadTemplate(const JsonView& processor, const std::string& member,
                                              const SpecialIds& special_ids) {
  const absl::StatusOr<const boost::json::array*> items = Array(processor, member);
  if (!items.ok()) return items.status();
  SequenceTemplate sequence;
  for (size_t i = 0; i < (*items)->size(); ++i) {
    const absl::StatusOr<JsonView> piece = processor.ObjectAt((*items)->at(i), absl::StrCat(member, "[", i, "]"));
    if (!piece.ok()) return piece.status();
    if (absl::Status status = AppendPiece(*piece, special_ids, sequence.pieces); !status.ok()) return status;
  }
  const absl::Status status = sequence.Check(member == "pair");
  return status.ok() ? absl::StatusOr<SequenceTemplate>(std::move(sequence))
                     : processor.Error(member, std::string(status.message()));
}

absl::StatusOr<SequenceTemplates> ReadTemplateProcessing(const JsonView& processor) {
  const absl::StatusOr<SpecialIds> special_ids = ReadSpecialIds(processor);
  if (!special_ids.ok()) return special_ids.status();
  absl::StatusOr<SequenceTemplate> single = ReadTemplate(processor, "single", *special_ids);
  if (!single.ok()) return single.status();
  absl::StatusOr<SequenceTemplate> pair = ReadTemplate(processor, "pair", *special_ids);
  if (!pair.ok()) return pair.status();
  return SequenceTemplates{*std::move(single), *std::move(pair)};
}

SequenceTemplates NoTokens() {
  const Piece first = {Piece::Kind::kFirstText, 0, 0};
  return {{{first}}, {{first, {Piece::Kind::kSecondText, 0, 1}}}};
}

absl::StatusOr<SequenceTemplates> ReadProcessor(const JsonView& processor);

// Only one processor may add tokens: what a second one adds goes around those of the first.
absl::StatusOr<SequenceTemplates> ReadSequence(const JsonView& sequence) {
  const absl::StatusOr<std::vector<JsonView>> items = sequence.Objects("processors");
  if (!items.ok()) return items.status();
  SequenceTemplates result = NoTokens();
  bool has_tokens = false;
  for (const JsonView& item : *items) {
    absl::StatusOr<SequenceTemplates> templates = ReadProcessor(item);
    if (!templates.ok()) return templates.status();
    if (item.String("type", "").value_or("") == "ByteLevel") continue;
    if (has_tokens) return sequence.Unsupported("processors", "more than one that adds tokens");
    has_tokens = true;
    result = *std::move(templates);
  }
  return result;
}

absl::StatusOr<SequenceTemplates> ReadProcessor(const JsonView& processor) {
  const absl::StatusOr<std::string> type = processor.String("type");
  if (!type.ok()) return type.status();
  if (*type == "TemplateProcessing") return ReadTemplateProcessing(processor);
  if (*type == "BertProcessing") return ReadBertProcessing(processor);
  if (*type == "RobertaProcessing") return ReadRobertaProcessing(processor);
  if (*type == "ByteLevel") return NoTokens();
  if (*type == "Sequence") return ReadSequence(processor);
  return processor.Unsupported("type", *type);
}

}  // namespace

absl::StatusOr<SequenceTemplates> ReadPostProcessor(const JsonView& document) {
  if (document.Find("post_processor") == nullptr) return NoTokens();
  const absl::StatusOr<JsonView> processor = document.Object("post_processor");
  return processor.ok() ? ReadProcessor(*processor) : processor.status();
}

}  // namespace verdict
