#include "services/classifier/text/general_pipeline.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/strings/str_join.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {

GeneralPipeline::GeneralPipeline(Parts parts)
    : normalizer_(std::move(parts.normalizers)),
      pre_tokenizers_(std::move(parts.pre_tokenizers)),
      model_(std::move(parts.model)),
      start_matters_(std::any_of(pre_tokenizers_.begin(), pre_tokenizers_.end(),
                                 [](const auto& pre_tokenizer) { return pre_tokenizer->start_matters(); })) {}

bool GeneralPipeline::KeepsStart(std::string_view text) const {
  if (!start_matters_) return true;
  // Something has to follow, or stripping the end would strip the start.
  constexpr char kFollower = 'x';
  const std::string first(text.substr(0, static_cast<size_t>(DecodeChar(text).length)));
  std::string with;
  std::string without;
  Normalize(first + kFollower, with);
  Normalize({&kFollower, 1}, without);
  return with != without;
}

void GeneralPipeline::Tokenize(std::string_view text, bool at_start, std::vector<int32_t>& ids) const {
  if (!text.empty()) Run(0, {text, at_start}, ids);
}

// As deep as there are steps.
void GeneralPipeline::Run(size_t step, TextPiece piece, std::vector<int32_t>& ids) const {
  if (step == pre_tokenizers_.size()) return model_->Tokenize(piece.text, ids);
  pre_tokenizers_[step]->Split(piece, [&](TextPiece part) { Run(step + 1, part, ids); });
}

PipelineDescription GeneralPipeline::Describe() const {
  std::vector<std::string> splits;
  for (const auto& step : pre_tokenizers_) splits.push_back(step->Describe());
  return {normalizer_.Describe(), absl::StrJoin(splits, ", "), model_->Describe()};
}

}  // namespace verdict
