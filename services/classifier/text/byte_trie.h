#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace verdict {

// A set of byte strings, each with a value, that finds the longest of them at the start of a text. Nodes lie in level order, so
// that the children of a node are neighbours: building and memory are linear in the keys' bytes, matching in the bytes matched.
// Immutable after construction, so thread-safe.
class ByteTrie {
 public:
  using Entry = std::pair<std::string_view, int32_t>;

  struct Match {
    size_t length = 0;  // 0: nothing matches
    int32_t value = 0;
  };

  ByteTrie() : ByteTrie(std::vector<Entry>()) {}

  // Of equal keys the last counts; an empty key never matches. The keys need not outlive the call.
  explicit ByteTrie(std::vector<Entry> entries);

  Match LongestMatch(std::string_view text) const {
    Match match;
    if (text.empty()) return match;
    uint32_t node = root_[static_cast<unsigned char>(text[0])];
    for (size_t depth = 1; node != kNone; node = Child(node, text[depth++])) {
      if (values_[node] != kNoValue) match = {depth, values_[node]};
      if (depth == text.size()) break;
    }
    return match;
  }

  // Calls `on_match` with the length and the value of every key that `text` starts with, shortest first.
  template <typename OnMatch>
  void ForEachPrefix(std::string_view text, OnMatch on_match) const {
    if (text.empty()) return;
    uint32_t node = root_[static_cast<unsigned char>(text[0])];
    for (size_t depth = 1; node != kNone; node = Child(node, text[depth++])) {
      if (values_[node] != kNoValue) on_match(depth, values_[node]);
      if (depth == text.size()) break;
    }
  }

  // Whether some key starts with this byte.
  bool StartsWith(char byte) const { return root_[static_cast<unsigned char>(byte)] != kNone; }

  bool empty() const { return labels_.size() <= 1; }

 private:
  static constexpr uint32_t kNone = 0;  // the root, which is nobody's child
  static constexpr int32_t kNoValue = -1;

  uint32_t Child(uint32_t node, char byte) const;

  std::vector<char> labels_;           // the byte that leads to a node
  std::vector<uint32_t> first_child_;  // one more entry than nodes: the children of n are [first_child_[n], first_child_[n + 1])
  std::vector<int32_t> values_;
  std::array<uint32_t, 256> root_{};
};

}  // namespace verdict
