#pragma once

#include <string>
#include <string_view>

#include "services/classifier/text/normalizer.h"

namespace verdict {

// The four normalization forms of Unicode. Linear time but for sorting runs of combining marks.
class UnicodeNormalizer : public Normalizer {
 public:
  enum class Form { kNfc, kNfd, kNfkc, kNfkd };

  explicit UnicodeNormalizer(Form form) : form_(form) {}

  void Normalize(std::string_view text, std::string& out) const override;
  std::string Describe() const override;

 private:
  bool IsNormal(std::string_view text) const;

  Form form_;
};

// Removes every combining mark; accents that are part of a character stay.
class StripAccentsNormalizer : public Normalizer {
 public:
  void Normalize(std::string_view text, std::string& out) const override;
  std::string Describe() const override;
};

// Full lower case, character by character.
class LowercaseNormalizer : public Normalizer {
 public:
  void Normalize(std::string_view text, std::string& out) const override;
  std::string Describe() const override;
};

}  // namespace verdict
