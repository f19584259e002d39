#pragma once

#include <string>

#include "absl/strings/str_cat.h"
#include "services/classifier/text/tokenizer.h"

namespace verdict {

// One token a byte, its value the id, between 1 and 2; pairs are joined by 2. The text "nothing" has no
// tokens at all, and "refuse" is refused.
class FakeTokenizer : public Tokenizer {
 public:
  absl::StatusOr<Encoding> Encode(const TextInput& input, int max_tokens, TruncationPolicy policy) const override {
    if (input.text == "nothing") return Encoding();
    if (input.text == "refuse") return absl::InvalidArgumentError("the fake refuses");
    std::string content = input.text;
    if (input.text_pair) content += '\x02' + *input.text_pair;
    const int room = max_tokens - 2;
    const int dropped = std::max(0, static_cast<int>(content.size()) - room);
    if (dropped > 0 && policy == TruncationPolicy::kError) {
      return absl::InvalidArgumentError(absl::StrCat(content.size() + 2, " tokens, at most ", max_tokens));
    }
    content.resize(content.size() - static_cast<size_t>(dropped));
    Encoding encoding;
    encoding.sequence.ids = {1};
    for (const char c : content) encoding.sequence.ids.push_back(static_cast<unsigned char>(c));
    encoding.sequence.ids.push_back(2);
    encoding.sequence.type_ids.assign(encoding.sequence.ids.size(), 0);
    encoding.tokens_dropped = dropped;
    return encoding;
  }

  // Windows of a text without a pair; they share nothing.
  absl::StatusOr<std::vector<Window>> EncodeWindows(const TextInput& input, const WindowPlan& plan) const override {
    const size_t room = static_cast<size_t>(plan.size) - 2;
    std::vector<Window> windows;
    for (size_t begin = 0; begin == 0 || begin < input.text.size(); begin += room) {
      auto part = Encode({input.text.substr(begin, room), std::nullopt}, plan.size, TruncationPolicy::kError);
      if (!part.ok()) return part.status();
      windows.push_back({std::move(part->sequence), static_cast<int>(begin)});
    }
    if (windows.size() > static_cast<size_t>(plan.max_windows)) return absl::InvalidArgumentError("too many windows");
    return windows;
  }

  int vocabulary_size() const override { return 256; }
  TokenizerDescription Describe() const override { return {}; }
};

}  // namespace verdict
