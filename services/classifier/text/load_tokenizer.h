#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "absl/status/statusor.h"
#include "services/classifier/api/classifier.h"
#include "services/classifier/text/tokenizer.h"

namespace verdict {

struct LoadedTokenizer {
  std::unique_ptr<Tokenizer> tokenizer;
  std::string tokenizer_class;      // of transformers, without the ending "Fast"
  bool has_tokenizer_json = false;  // otherwise it was built from the files of its class
  // The most tokens that the model takes, special tokens included, as the directory's tokenizer says; absent: it sets no limit.
  std::optional<int64_t> model_max_length;
  // What transformers does with a longer text under truncation=True: kTail where the directory says truncation_side "left".
  TruncationPolicy default_truncation = TruncationPolicy::kHead;
};

// Reads the tokenizer of a Hugging Face model directory as AutoTokenizer of transformers 5 reads it: from tokenizer.json, or from
// the files of its family (vocab.txt; vocab.json and merges.txt; sentencepiece.bpe.model, spiece.model or spm.model), with
// tokenizer_config.json, special_tokens_map.json and added_tokens.json where they exist. The class decides (docs/tokenizers.md):
//   the classes of the families of    only vocabulary, merges and added tokens are taken from tokenizer.json, the rest is built
//   BERT, RoBERTa, XLM-RoBERTa, …     as the family does from settings in tokenizer_config.json
//   PreTrainedTokenizerFast           tokenizer.json is obeyed as written
// Padding and truncation lengths stored in tokenizer.json never count.
//
// Errors are one line that names the file and what is wrong with it: kNotFound for a missing file, kUnimplemented for a tokenizer
// of another kind, kInvalidArgument for everything else.
absl::StatusOr<LoadedTokenizer> LoadTokenizer(const std::filesystem::path& model_directory);

}  // namespace verdict
