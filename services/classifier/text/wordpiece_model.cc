#include "services/classifier/text/wordpiece_model.h"

#include <algorithm>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"

namespace verdict {

absl::StatusOr<WordPieceModel> WordPieceModel::Create(const Options& options) {
  WordPieceModel model;
  std::vector<ByteTrie::Entry> beginnings;
  std::vector<ByteTrie::Entry> continuations;
  bool has_unk = false;
  for (const auto& [token, id] : options.vocabulary) {
    beginnings.emplace_back(token, id);
    if (absl::StartsWith(token, options.continuing_subword_prefix)) {
      continuations.emplace_back(std::string_view(token).substr(options.continuing_subword_prefix.size()), id);
    }
    if (token == options.unk_token) {
      model.unk_id_ = id;
      has_unk = true;
    }
  }
  if (!has_unk)
    return absl::InvalidArgumentError(absl::StrCat("the vocabulary lacks the unknown token \"", options.unk_token, "\""));
  model.beginnings_ = ByteTrie(std::move(beginnings));
  model.continuations_ = ByteTrie(std::move(continuations));
  model.max_chars_ = static_cast<size_t>(std::max<int64_t>(options.max_input_chars_per_word, 0));
  return model;
}

bool WordPieceModel::IsTooLong(std::string_view word) const {
  if (word.size() <= max_chars_) return false;
  const auto chars =
      std::count_if(word.begin(), word.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
  return static_cast<size_t>(chars) > max_chars_;
}

void WordPieceModel::Tokenize(std::string_view word, std::vector<int32_t>& ids) const {
  const size_t before = ids.size();
  bool known = !IsTooLong(word);
  const ByteTrie* trie = &beginnings_;
  while (known && !word.empty()) {
    const ByteTrie::Match match = trie->LongestMatch(word);
    known = match.length > 0;
    ids.push_back(match.value);
    word.remove_prefix(match.length);
    trie = &continuations_;
  }
  if (known) return;
  ids.resize(before);
  ids.push_back(unk_id_);
}

std::string WordPieceModel::Describe() const { return absl::StrCat("WordPiece (words of at most ", max_chars_, " characters)"); }

}  // namespace verdict
