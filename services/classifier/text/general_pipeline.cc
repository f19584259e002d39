#include "services/classifier/text/general_pipeline.h"

#include <utility>

namespace verdict {

GeneralPipeline::GeneralPipeline(Parts parts)
    : normalizer_(std::move(parts.normalizers)),
      pre_tokenizers_(std::move(parts.pre_tokenizers)),
      model_(std::move(parts.model)) {}

void GeneralPipeline::Tokenize(std::string_view text, bool at_start, std::vector<int32_t>& ids) const {
  if (!text.empty()) Run(0, {text, at_start}, ids);
}

// As deep as there are steps.
void GeneralPipeline::Run(size_t step, TextPiece piece, std::vector<int32_t>& ids) const {
  if (step == pre_tokenizers_.size()) return model_->Tokenize(piece.text, ids);
  pre_tokenizers_[step]->Split(piece, [&](TextPiece part) { Run(step + 1, part, ids); });
}

}  // namespace verdict
