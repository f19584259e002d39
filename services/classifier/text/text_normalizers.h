#pragma once

#include <string>
#include <string_view>

#include "services/classifier/text/normalizer.h"

namespace verdict {

// Removes white space at either end.
class StripNormalizer : public Normalizer {
 public:
  StripNormalizer(bool left, bool right) : left_(left), right_(right) {}
  void Normalize(std::string_view text, std::string& out) const override;
  std::string Describe() const override;

 private:
  bool left_;
  bool right_;
};

// Puts a string before every text that is not empty.
class PrependNormalizer : public Normalizer {
 public:
  explicit PrependNormalizer(std::string prefix) : prefix_(std::move(prefix)) {}
  void Normalize(std::string_view text, std::string& out) const override;
  std::string Describe() const override;

 private:
  std::string prefix_;
};

// Replaces a string wherever it stands, from the left and without overlap.
class ReplaceNormalizer : public Normalizer {
 public:
  // `pattern` is not empty.
  ReplaceNormalizer(std::string pattern, std::string content) : pattern_(std::move(pattern)), content_(std::move(content)) {}
  void Normalize(std::string_view text, std::string& out) const override;
  std::string Describe() const override;

 private:
  std::string pattern_;
  std::string content_;
};

// Replaces runs of white space. What counts as one, as a regular expression:
class SpaceRunNormalizer : public Normalizer {
 public:
  enum class Run {
    kTwoSpaces,       // " {2,}"
    kSpaces,          // " +"
    kWhiteSpace,      // "\s+"
    kTwoOrLineBreak,  // "\s{2,}|[\n\r\t]"
  };

  SpaceRunNormalizer(Run run, std::string content) : run_(run), content_(std::move(content)) {}
  void Normalize(std::string_view text, std::string& out) const override;
  std::string Describe() const override;

 private:
  Run run_;
  std::string content_;
};

// Writes every byte of a text as the character that stands for it in a byte-level vocabulary.
class ByteLevelNormalizer : public Normalizer {
 public:
  void Normalize(std::string_view text, std::string& out) const override;
  std::string Describe() const override;
};

}  // namespace verdict
