#include "services/classifier/text/sequence_template.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

using Kind = SequenceTemplate::Piece::Kind;

int Count(const SequenceTemplate& sequence, Kind kind) {
  return static_cast<int>(
      std::count_if(sequence.pieces.begin(), sequence.pieces.end(), [=](const auto& piece) { return piece.kind == kind; }));
}

}  // namespace

int SequenceTemplate::added_tokens() const { return Count(*this, Kind::kToken); }

int32_t SequenceTemplate::largest_id() const {
  int32_t largest = -1;
  for (const Piece& piece : pieces) {
    if (piece.kind == Kind::kToken) largest = std::max(largest, piece.token_id);
  }
  return largest;
}

absl::Status SequenceTemplate::Check(bool is_pair) const {
  if (Count(*this, Kind::kFirstText) != 1) return absl::InvalidArgumentError("must hold the first text exactly once");
  if (Count(*this, Kind::kSecondText) != (is_pair ? 1 : 0)) {
    return absl::InvalidArgumentError(is_pair ? "must hold the second text exactly once" : "must not hold a second text");
  }
  return absl::OkStatus();
}

std::string SequenceTemplate::Describe(absl::FunctionRef<std::string(int32_t)> name) const {
  std::string all;
  for (const Piece& piece : pieces) {
    const std::string what = piece.kind == Kind::kToken ? name(piece.token_id) : piece.kind == Kind::kFirstText ? "A" : "B";
    absl::StrAppend(&all, all.empty() ? "" : " ", what);
    if (piece.type_id != 0) absl::StrAppend(&all, ":", piece.type_id);
  }
  return all;
}

TokenSequence SequenceTemplate::Apply(const std::vector<int32_t>& first, const std::vector<int32_t>& second) const {
  TokenSequence sequence;
  const size_t size = first.size() + second.size() + pieces.size();
  sequence.ids.reserve(size);
  sequence.type_ids.reserve(size);
  for (const Piece& piece : pieces) {
    if (piece.kind == Kind::kToken) {
      sequence.ids.push_back(piece.token_id);
    } else {
      const std::vector<int32_t>& content = piece.kind == Kind::kFirstText ? first : second;
      sequence.ids.insert(sequence.ids.end(), content.begin(), content.end());
    }
    sequence.type_ids.resize(sequence.ids.size(), piece.type_id);
  }
  return sequence;
}

SequenceTemplate BertSingleTemplate(int32_t cls_id, int32_t sep_id) {
  return {{{Kind::kToken, cls_id, 0}, {Kind::kFirstText, 0, 0}, {Kind::kToken, sep_id, 0}}};
}

SequenceTemplate BertPairTemplate(int32_t cls_id, int32_t sep_id) {
  SequenceTemplate pair = BertSingleTemplate(cls_id, sep_id);
  pair.pieces.push_back({Kind::kSecondText, 0, 1});
  pair.pieces.push_back({Kind::kToken, sep_id, 1});
  return pair;
}

SequenceTemplate RobertaPairTemplate(int32_t cls_id, int32_t sep_id) {
  SequenceTemplate pair = BertSingleTemplate(cls_id, sep_id);
  pair.pieces.push_back({Kind::kToken, sep_id, 0});
  pair.pieces.push_back({Kind::kSecondText, 0, 0});
  pair.pieces.push_back({Kind::kToken, sep_id, 0});
  return pair;
}

}  // namespace verdict
