#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>

#include "services/classifier/text/normalizer.h"

namespace verdict {

// The normalisation of BERT: cleaning, spaces around ideographs, accents stripped (canonical decomposition without its
// non-spacing marks, not composed again) and lower case, in this order. Immutable, so thread-safe.
class BertNormalizer : public Normalizer {
 public:
  struct Options {
    bool clean_text = true;
    bool handle_chinese_chars = true;
    std::optional<bool> strip_accents = std::nullopt;  // absent: as `lowercase`
    bool lowercase = true;
  };

  explicit BertNormalizer(const Options& options);

  // Replaces `out` by the normal form of `text` (well-formed UTF-8). Linear time but for sorting runs of combining marks.
  void Normalize(std::string_view text, std::string& out) const override;
  std::string Describe() const override;

 private:
  class Writer;

  Options options_;
  bool strip_accents_;
  std::array<char, 128> ascii_;  // what becomes of an ASCII character; 0: dropped, or kept when it is U+0000 itself
};

}  // namespace verdict
