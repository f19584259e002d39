#include "services/classifier/text/wordpiece_tokenizer.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "services/classifier/text/bert_pre_tokenizer.h"

namespace verdict {
namespace {

// Knows its parts by type, so that the loops over words and characters become one.
class WordPiecePipeline : public TextPipeline {
 public:
  WordPiecePipeline(WordPieceModel model, const BertNormalizer::Options& normalizer)
      : model_(std::move(model)), normalizer_(normalizer) {}

  void Normalize(std::string_view text, std::string& out) const override { normalizer_.BertNormalizer::Normalize(text, out); }

  void Tokenize(std::string_view text, bool /*at_start*/, std::vector<int32_t>& ids) const override {
    SplitBertWords(text, [&](std::string_view word) { model_.WordPieceModel::Tokenize(word, ids); });
  }

  PipelineDescription Describe() const override { return {normalizer_.Describe(), "BertPreTokenizer", model_.Describe()}; }

 private:
  WordPieceModel model_;
  BertNormalizer normalizer_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<PipelineTokenizer>> WordPieceTokenizer::Create(const Options& options) {
  PipelineTokenizer::Options parts;
  for (const auto& [token, id] : options.model.vocabulary) {
    if (id < 0 || id > PipelineTokenizer::kLargestId) {
      return absl::InvalidArgumentError(absl::StrCat("id ", id, " of token \"", token, "\" is out of range"));
    }
    parts.largest_id = std::max(parts.largest_id, id);
  }
  absl::StatusOr<WordPieceModel> model = WordPieceModel::Create(options.model);
  if (!model.ok()) return model.status();
  parts.pipeline = std::make_unique<WordPiecePipeline>(*std::move(model), options.normalizer);
  parts.added_tokens = options.added_tokens;
  parts.split_special_tokens = options.split_special_tokens;
  parts.single = options.single;
  parts.pair = options.pair;
  return PipelineTokenizer::Create(std::move(parts));
}

}  // namespace verdict
