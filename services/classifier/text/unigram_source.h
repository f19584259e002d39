#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/text/model_json.h"
#include "services/classifier/text/tokenizer_source.h"

namespace verdict {

// What the Unigram families take from their files.
struct UnigramSource {
  std::string file;  // it was read from
  bool is_sentencepiece = false;
  std::vector<std::pair<std::string, double>> pieces;
  int64_t unk_id = 0;                        // of a SentencePiece file
  std::optional<std::string> character_map;  // for PrecompiledNormalizer
  std::vector<AddedToken> extra_tokens;      // the control and user-defined pieces of a SentencePiece file
};

// From tokenizer.json where the directory has it, else from its SentencePiece file of this name. Errors as of LoadTokenizer.
absl::StatusOr<UnigramSource> ReadUnigramSource(const TokenizerSource& source, const std::string& sentencepiece_name);

}  // namespace verdict
