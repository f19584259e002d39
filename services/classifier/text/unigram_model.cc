#include "services/classifier/text/unigram_model.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {
namespace {

constexpr double kUnknownPenalty = 10.0;
constexpr uint32_t kUnreached = std::numeric_limits<uint32_t>::max();
constexpr size_t kLongestWhole = 64;  // bytes of a word that is looked up whole

}  // namespace

// The best way to the end of this byte.
struct UnigramModel::Node {
  double score = 0;
  uint32_t start = kUnreached;  // of the last piece
  int32_t id = 0;

  void Offer(double candidate, uint32_t candidate_start, int32_t candidate_id) {
    if (start != kUnreached && candidate <= score) return;
    score = candidate;
    start = candidate_start;
    id = candidate_id;
  }
};

absl::StatusOr<UnigramModel> UnigramModel::Create(const Options& options) {
  if (options.pieces.empty()) return absl::InvalidArgumentError("there are no pieces");
  if (options.unk_id < 0 || static_cast<size_t>(options.unk_id) >= options.pieces.size()) {
    return absl::InvalidArgumentError(absl::StrCat("unk_id ", options.unk_id, " is not the id of a piece"));
  }
  UnigramModel model;
  model.unk_id_ = static_cast<int32_t>(options.unk_id);
  std::vector<ByteTrie::Entry> entries;
  entries.reserve(options.pieces.size());
  double lowest = std::numeric_limits<double>::infinity();
  for (const auto& [piece, score] : options.pieces) {
    if (!std::isfinite(score)) return absl::InvalidArgumentError(absl::StrCat("the score of \"", piece, "\" is not a number"));
    entries.emplace_back(piece, static_cast<int32_t>(entries.size()));
    model.scores_.push_back(score);
    lowest = std::min(lowest, score);
  }
  model.unk_score_ = lowest - kUnknownPenalty;
  model.trie_ = ByteTrie(std::move(entries));
  for (int byte = 0; options.byte_fallback && byte < 256; ++byte) {
    const std::string token = absl::StrFormat("<0x%02X>", byte);
    const ByteTrie::Match match = model.trie_.LongestMatch(token);
    model.byte_ids_.push_back(match.length == token.size() ? match.value : -1);
  }
  model.whole_words_ = WholeWords(options.pieces.size());
  return model;
}

void UnigramModel::Tokenize(std::string_view word, std::vector<int32_t>& ids) const {
  const ByteTrie::Match match = trie_.LongestMatch(word);
  if (match.length == word.size() && whole_words_.Contains(match.value, [&] { return IsWhole(word, match.value); })) {
    return ids.push_back(match.value);
  }
  Search(word, ids);
}

bool UnigramModel::IsWhole(std::string_view word, int32_t id) const {
  std::vector<int32_t> found;
  if (word.size() <= kLongestWhole) Search(word, found);
  return found.size() == 1 && found.front() == id;
}

void UnigramModel::Search(std::string_view word, std::vector<int32_t>& ids) const {
  absl::InlinedVector<Node, 64> nodes(word.size() + 1);
  for (size_t start = 0; start < word.size();) {
    const double score_here = nodes[start].score;
    const size_t char_length = static_cast<size_t>(DecodeChar(word.substr(start)).length);
    bool char_known = false;
    trie_.ForEachPrefix(word.substr(start), [&](size_t length, int32_t id) {
      nodes[start + length].Offer(scores_[static_cast<size_t>(id)] + score_here, static_cast<uint32_t>(start), id);
      char_known |= length == char_length;
    });
    if (!char_known) nodes[start + char_length].Offer(unk_score_ + score_here, static_cast<uint32_t>(start), unk_id_);
    start += char_length;
  }
  const size_t first = ids.size();
  size_t unknown_end = 0;  // of the unknown text collected so far; 0: none
  for (size_t end = word.size(); end > 0;) {
    const Node& node = nodes[end];
    if (node.id == unk_id_) {
      if (unknown_end == 0) unknown_end = end;
    } else {
      if (unknown_end != 0) AppendUnknown(word.substr(end, unknown_end - end), ids);
      unknown_end = 0;
      ids.push_back(node.id);
    }
    end = node.start;
  }
  if (unknown_end != 0) AppendUnknown(word.substr(0, unknown_end), ids);
  std::reverse(ids.begin() + static_cast<ptrdiff_t>(first), ids.end());
}

// Backwards, as the path is walked from its end.
void UnigramModel::AppendUnknown(std::string_view text, std::vector<int32_t>& reversed) const {
  const ByteTrie::Match match = trie_.LongestMatch(text);
  if (match.length == text.size()) return reversed.push_back(match.value);
  const auto known = [&](char byte) { return byte_ids_[static_cast<unsigned char>(byte)] >= 0; };
  if (byte_ids_.empty() || !std::all_of(text.begin(), text.end(), known)) return reversed.push_back(unk_id_);
  for (auto byte = text.rbegin(); byte != text.rend(); ++byte) {
    reversed.push_back(byte_ids_[static_cast<unsigned char>(*byte)]);
  }
}

std::string UnigramModel::Describe() const { return byte_ids_.empty() ? "Unigram" : "Unigram (byte_fallback)"; }

}  // namespace verdict
