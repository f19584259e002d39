#pragma once

#include <string>

#include "services/classifier/text/pre_tokenizer.h"

namespace verdict {

// SentencePiece's way to keep spaces: each becomes a visible character, one more goes in front, and pieces begin with it.
class MetaspacePreTokenizer : public PreTokenizer {
 public:
  enum class Prepend { kAlways, kFirst, kNever };  // kFirst: only where the input begins

  struct Options {
    std::string replacement = "\u2581";  // one character
    Prepend prepend = Prepend::kAlways;
    bool split = true;
  };

  explicit MetaspacePreTokenizer(Options options) : options_(std::move(options)) {}

  bool start_matters() const override { return options_.prepend == Prepend::kFirst; }
  void Split(TextPiece piece, Sink sink) const override;
  std::string Describe() const override;

 private:
  Options options_;
};

}  // namespace verdict
