#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "services/classifier/api/backend.h"

namespace verdict {

// Where the special tokens of a model go, around one text or a pair: for BERT [CLS] A [SEP] and [CLS] A [SEP] B [SEP].
struct SequenceTemplate {
  struct Piece {
    enum class Kind { kFirstText, kSecondText, kToken };

    Kind kind = Kind::kToken;
    int32_t token_id = 0;  // of kToken
    int32_t type_id = 0;   // of all the piece's tokens
  };

  std::vector<Piece> pieces;

  // The number of special tokens.
  int added_tokens() const;

  // The largest id among the special tokens; -1 without any.
  int32_t largest_id() const;

  // kInvalidArgument unless the first text appears exactly once, and the second exactly once in the template of a pair or else
  // never.
  absl::Status Check(bool is_pair) const;

  // The pieces for people, the texts as A and B, with the type where it is not 0: "[CLS] A [SEP] B:1 [SEP]:1".
  std::string Describe(absl::FunctionRef<std::string(int32_t id)> name) const;

  TokenSequence Apply(const std::vector<int32_t>& first, const std::vector<int32_t>& second) const;
};

// The two templates of BERT.
SequenceTemplate BertSingleTemplate(int32_t cls_id, int32_t sep_id);
SequenceTemplate BertPairTemplate(int32_t cls_id, int32_t sep_id);

// The pair of RoBERTa, <s> A </s> </s> B </s>, all of one type.
SequenceTemplate RobertaPairTemplate(int32_t cls_id, int32_t sep_id);

}  // namespace verdict
