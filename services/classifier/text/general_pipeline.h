#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "services/classifier/text/normalizer.h"
#include "services/classifier/text/pre_tokenizer.h"
#include "services/classifier/text/text_pipeline.h"
#include "services/classifier/text/word_model.h"

namespace verdict {

// A pipeline of any parts. Immutable, so thread-safe.
class GeneralPipeline : public TextPipeline {
 public:
  struct Parts {
    Normalizers normalizers;
    PreTokenizers pre_tokenizers;
    std::unique_ptr<const WordModel> model;
  };

  explicit GeneralPipeline(Parts parts);

  void Normalize(std::string_view text, std::string& out) const override { normalizer_.Normalize(text, out); }
  bool KeepsStart(std::string_view text) const override;
  void Tokenize(std::string_view text, bool at_start, std::vector<int32_t>& ids) const override;
  PipelineDescription Describe() const override;

 private:
  void Run(size_t step, TextPiece piece, std::vector<int32_t>& ids) const;

  SequenceNormalizer normalizer_;
  PreTokenizers pre_tokenizers_;
  std::unique_ptr<const WordModel> model_;
  bool start_matters_;
};

}  // namespace verdict
