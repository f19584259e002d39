#include "services/classifier/text/byte_pair_encoding.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <queue>

#include "absl/container/inlined_vector.h"
#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/classifier/text/byte_alphabet.h"
#include "services/classifier/text/json_view.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {
namespace {

constexpr int32_t kNoId = -1;
constexpr uint32_t kNoRank = std::numeric_limits<uint32_t>::max();
constexpr size_t kShortWord = 40;     // symbols up to which scanning for the lowest rank beats a queue
constexpr size_t kLongestWhole = 64;  // bytes of a word that is looked up whole

uint64_t PairKey(int32_t first, int32_t second) {
  return static_cast<uint64_t>(static_cast<uint32_t>(first)) << 32 | static_cast<uint32_t>(second);
}

}  // namespace

class BytePairEncoding::Symbols : public absl::InlinedVector<int32_t, 64> {};

// Keeps the rank of each neighbouring pair and scans for the lowest.
class BytePairEncoding::ShortWord {
 public:
  ShortWord(const BytePairEncoding& model, Symbols& symbols) : model_(model), symbols_(symbols), size_(symbols.size()) {}

  void Merge() {
    for (size_t i = 0; i + 1 < size_; ++i) Rate(i);
    while (size_ > 1) {
      const auto lowest = std::min_element(ranks_.begin(), ranks_.begin() + static_cast<ptrdiff_t>(size_ - 1));
      if (*lowest == kNoRank) break;
      Join(static_cast<size_t>(lowest - ranks_.begin()));
    }
    symbols_.resize(size_);
  }

 private:
  void Rate(size_t i) {
    const auto* merge = model_.FindMerge(symbols_[i], symbols_[i + 1]);
    ranks_[i] = merge == nullptr ? kNoRank : merge->rank;
    ids_[i] = merge == nullptr ? kNoId : merge->id;
  }

  void Join(size_t i) {
    symbols_[i] = ids_[i];
    std::copy(symbols_.begin() + i + 2, symbols_.begin() + size_, symbols_.begin() + i + 1);
    if (i + 2 < size_) {
      std::copy(ranks_.begin() + i + 2, ranks_.begin() + size_ - 1, ranks_.begin() + i + 1);
      std::copy(ids_.begin() + i + 2, ids_.begin() + size_ - 1, ids_.begin() + i + 1);
    }
    --size_;
    if (i > 0) Rate(i - 1);
    if (i + 1 < size_) Rate(i);
  }

  const BytePairEncoding& model_;
  Symbols& symbols_;
  size_t size_;
  std::array<uint32_t, kShortWord> ranks_;  // of the pair that starts at a symbol
  std::array<int32_t, kShortWord> ids_;     // what it becomes
};

// A linked list of symbols and a queue of the pairs that may be joined; pairs that no longer exist are skipped when they come up.
class BytePairEncoding::LongWord {
 public:
  LongWord(const BytePairEncoding& model, Symbols& symbols) : model_(model), symbols_(symbols), links_(symbols.size()) {
    for (uint32_t i = 0; i < links_.size(); ++i) links_[i] = {i - 1, i + 1};
  }

  void Merge() {
    std::vector<uint64_t> candidates;
    for (size_t i = 0; i + 1 < symbols_.size(); ++i) {
      if (const auto* merge = MergeAt(i)) candidates.push_back(Candidate(*merge, i));
    }
    queue_ = Queue(std::greater<>(), std::move(candidates));
    while (!queue_.empty()) {
      const uint64_t top = queue_.top();
      queue_.pop();
      const size_t position = static_cast<uint32_t>(top);
      const auto* merge = MergeAt(position);
      if (merge != nullptr && merge->rank == top >> 32) Join(position, links_[position].next, merge->id);
    }
    symbols_.erase(std::remove(symbols_.begin(), symbols_.end(), kJoined), symbols_.end());
  }

 private:
  struct Links {
    uint32_t previous;  // beyond the end for the first
    uint32_t next;
  };
  using Queue = std::priority_queue<uint64_t, std::vector<uint64_t>, std::greater<>>;
  static constexpr int32_t kJoined = -2;

  // Rank and position in one number, so that the lowest rank comes first, and of equal ranks the leftmost.
  static uint64_t Candidate(const BytePairEncoding::Merge& merge, size_t position) {
    return static_cast<uint64_t>(merge.rank) << 32 | position;
  }

  // What the symbol at `i` makes with the one behind it.
  const BytePairEncoding::Merge* MergeAt(size_t i) const {
    const size_t next = links_[i].next;
    return next < symbols_.size() ? model_.FindMerge(symbols_[i], symbols_[next]) : nullptr;
  }

  void Push(size_t i) {
    if (const auto* merge = MergeAt(i)) queue_.push(Candidate(*merge, i));
  }

  void Join(size_t left, size_t right, int32_t id) {
    symbols_[left] = id;
    symbols_[right] = kJoined;
    links_[left].next = links_[right].next;
    if (links_[left].next < symbols_.size()) links_[links_[left].next].previous = left;
    if (links_[left].previous < symbols_.size()) Push(links_[left].previous);
    Push(left);
  }

  const BytePairEncoding& model_;
  Symbols& symbols_;
  std::vector<Links> links_;
  Queue queue_;
};

absl::StatusOr<BytePairEncoding> BytePairEncoding::Create(const Options& options) {
  BytePairEncoding model(options);
  if (options.unk_token && model.unk_id_ == kNoId) {
    return absl::InvalidArgumentError(absl::StrCat("the vocabulary lacks the unknown token ", Quoted(*options.unk_token)));
  }
  if (absl::Status status = model.AddMerges(options); !status.ok()) return status;
  model.FindWholeWords(options);
  return model;
}

BytePairEncoding::BytePairEncoding(const Options& options)
    : prefix_(options.continuing_subword_prefix),
      suffix_(options.end_of_word_suffix),
      fuse_unk_(options.fuse_unk),
      byte_fallback_(options.byte_fallback),
      raw_bytes_(options.raw_bytes) {
  byte_ids_.fill(kNoId);
  fallback_ids_.fill(kNoId);
  tokens_.reserve(options.vocabulary.size());
  for (const auto& [token, id] : options.vocabulary) {
    if (options.unk_token == token) unk_id_ = id;
    const std::optional<std::string> seen = raw_bytes_ ? BytesOfToken(token) : token;
    if (!seen) continue;
    tokens_.insert_or_assign(*seen, id);
    const unsigned char first = seen->empty() ? 0 : static_cast<unsigned char>(seen->front());
    if (seen->size() == 1 && (raw_bytes_ || first < 0x80)) byte_ids_[first] = id;
  }
  if (raw_bytes_) return;
  for (int byte = 0; byte < 256; ++byte) {
    const auto found = tokens_.find(absl::StrFormat("<0x%02X>", byte));
    if (found != tokens_.end()) fallback_ids_[static_cast<size_t>(byte)] = found->second;
  }
}

absl::Status BytePairEncoding::AddMerges(const Options& options) {
  absl::flat_hash_map<std::string_view, int32_t, TextHash> ids;
  ids.reserve(options.vocabulary.size());
  for (const auto& [token, id] : options.vocabulary) ids.insert_or_assign(token, id);
  merges_.reserve(options.merges.size());
  uint32_t rank = 0;
  for (const auto& [first, second] : options.merges) {
    const std::string joined = first + second.substr(std::min(prefix_.size(), second.size()));
    for (const std::string& token : {first, second, joined}) {
      if (!ids.contains(token)) {
        return absl::InvalidArgumentError(
            absl::StrCat("merge ", rank, " needs ", Quoted(token), ", which is not in the vocabulary"));
      }
    }
    merges_.insert_or_assign(PairKey(ids[first], ids[second]), BytePairEncoding::Merge{rank++, ids[joined]});
  }
  return absl::OkStatus();
}

void BytePairEncoding::FindWholeWords(const Options& options) {
  std::vector<int32_t> ids;
  for (const auto& [token, id] : tokens_) {
    if (token.empty() || (token.size() > kLongestWhole && !options.ignore_merges)) continue;
    ids.clear();
    if (!options.ignore_merges) MergeAll(token, ids);
    if (options.ignore_merges || (ids.size() == 1 && ids.front() == id)) whole_words_.emplace(token, id);
  }
}

void BytePairEncoding::Tokenize(std::string_view word, std::vector<int32_t>& ids) const {
  if (const auto whole = whole_words_.find(word); whole != whole_words_.end()) return ids.push_back(whole->second);
  MergeAll(word, ids);
}

void BytePairEncoding::MergeAll(std::string_view word, std::vector<int32_t>& ids) const {
  Symbols symbols;
  AppendSymbols(word, symbols);
  if (symbols.size() <= kShortWord) {
    ShortWord(*this, symbols).Merge();
  } else {
    LongWord(*this, symbols).Merge();
  }
  ids.insert(ids.end(), symbols.begin(), symbols.end());
}

void BytePairEncoding::AppendSymbols(std::string_view word, Symbols& symbols) const {
  bool unk_pending = false;  // an unknown token is not written before it is known whether the next one joins it
  for (size_t i = 0; i < word.size();) {
    const size_t length = raw_bytes_ ? 1 : static_cast<size_t>(DecodeChar(word.substr(i)).length);
    const std::string_view character = word.substr(i, length);
    const std::optional<int32_t> id = IdOfCharacter(character, i == 0, i + length == word.size());
    i += length;
    if (id) {
      if (unk_pending) symbols.push_back(unk_id_);
      unk_pending = false;
      symbols.push_back(*id);
    } else if (!byte_fallback_ || !AppendBytes(character, symbols)) {
      if (unk_pending && !fuse_unk_) symbols.push_back(unk_id_);
      unk_pending = unk_id_ != kNoId;
    }
  }
  if (unk_pending) symbols.push_back(unk_id_);
}

std::optional<int32_t> BytePairEncoding::IdOfCharacter(std::string_view character, bool is_first, bool is_last) const {
  const bool prefixed = !is_first && !prefix_.empty();
  const bool suffixed = is_last && !suffix_.empty();
  if (!prefixed && !suffixed && character.size() == 1) {
    const int32_t id = byte_ids_[static_cast<unsigned char>(character.front())];
    return id == kNoId ? std::nullopt : std::optional<int32_t>(id);
  }
  const auto found = prefixed || suffixed
                         ? tokens_.find(absl::StrCat(prefixed ? prefix_ : "", std::string(character), suffixed ? suffix_ : ""))
                         : tokens_.find(character);
  return found == tokens_.end() ? std::nullopt : std::optional<int32_t>(found->second);
}

// All bytes of a character, or none.
bool BytePairEncoding::AppendBytes(std::string_view character, Symbols& symbols) const {
  const auto id = [&](char byte) { return fallback_ids_[static_cast<unsigned char>(byte)]; };
  if (std::any_of(character.begin(), character.end(), [&](char byte) { return id(byte) == kNoId; })) return false;
  for (char byte : character) symbols.push_back(id(byte));
  return true;
}

const BytePairEncoding::Merge* BytePairEncoding::FindMerge(int32_t first, int32_t second) const {
  const auto found = merges_.find(PairKey(first, second));
  return found == merges_.end() ? nullptr : &found->second;
}

std::string BytePairEncoding::Describe() const {
  return absl::StrCat(raw_bytes_       ? "BPE over bytes, "
                      : byte_fallback_ ? "BPE (byte_fallback), "
                                       : "BPE, ",
                      merges_.size(), " merges");
}

}  // namespace verdict
