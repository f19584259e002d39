#include "services/classifier/text/byte_trie.h"

#include <algorithm>
#include <cstring>

namespace verdict {
namespace {

// The entries that share the first `depth` bytes, as a range of the sorted entries.
struct Span {
  uint32_t begin;
  uint32_t end;
  uint32_t depth;
};

std::vector<ByteTrie::Entry> SortedUnique(std::vector<ByteTrie::Entry> entries) {
  std::stable_sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<ByteTrie::Entry> unique;
  unique.reserve(entries.size());
  for (const ByteTrie::Entry& entry : entries) {
    if (entry.first.empty()) continue;
    if (!unique.empty() && unique.back().first == entry.first) unique.pop_back();
    unique.push_back(entry);
  }
  return unique;
}

}  // namespace

ByteTrie::ByteTrie(std::vector<Entry> entries) {
  entries = SortedUnique(std::move(entries));
  std::vector<Span> spans = {{0, static_cast<uint32_t>(entries.size()), 0}};
  labels_.push_back(0);
  for (size_t node = 0; node < spans.size(); ++node) {
    const Span span = spans[node];
    first_child_.push_back(static_cast<uint32_t>(spans.size()));
    uint32_t i = span.begin;
    const bool ends_here = i < span.end && entries[i].first.size() == span.depth;
    values_.push_back(ends_here ? entries[i++].second : kNoValue);
    while (i < span.end) {
      const char label = entries[i].first[span.depth];
      const uint32_t begin = i;
      while (i < span.end && entries[i].first[span.depth] == label) ++i;
      labels_.push_back(label);
      spans.push_back({begin, i, span.depth + 1});
    }
  }
  first_child_.push_back(static_cast<uint32_t>(spans.size()));
  for (uint32_t child = first_child_[0]; child < first_child_[1]; ++child) {
    root_[static_cast<unsigned char>(labels_[child])] = child;
  }
}

uint32_t ByteTrie::Child(uint32_t node, char byte) const {
  const uint32_t begin = first_child_[node];
  const uint32_t count = first_child_[node + 1] - begin;
  if (count == 0) return kNone;
  if (count == 1) return labels_[begin] == byte ? begin : kNone;
  const void* found = std::memchr(labels_.data() + begin, byte, count);
  return found == nullptr ? kNone : static_cast<uint32_t>(static_cast<const char*>(found) - labels_.data());
}

}  // namespace verdict
