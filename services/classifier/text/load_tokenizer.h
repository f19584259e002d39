#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>

#include "absl/status/statusor.h"
#include "services/classifier/api/classifier.h"
#include "services/classifier/text/tokenizer.h"

namespace verdict {

struct LoadedTokenizer {
  std::unique_ptr<Tokenizer> tokenizer;
  // The most tokens that the model takes, special tokens included, as the directory's tokenizer says; absent: it sets no limit.
  std::optional<int64_t> model_max_length;
  // What transformers does with a longer text under truncation=True: kTail where the directory says truncation_side "left".
  TruncationPolicy default_truncation = TruncationPolicy::kHead;
};

// Reads the tokenizer of a Hugging Face model directory as AutoTokenizer of transformers 5 reads it, from tokenizer.json or
// vocab.txt, with tokenizer_config.json, special_tokens_map.json and added_tokens.json where they exist:
//   BertTokenizer, or no class named   vocabulary and added tokens only are taken from tokenizer.json; the normalizer is built
//   from
//                                      do_lower_case, strip_accents and tokenize_chinese_chars of tokenizer_config.json
//   PreTrainedTokenizerFast            tokenizer.json is obeyed as written
// Padding and truncation lengths stored in tokenizer.json count in neither case.
//
// Errors are one line that names the file and what is wrong with it: kNotFound for a missing file, kUnimplemented for a tokenizer
// of another kind, kInvalidArgument for everything else.
absl::StatusOr<LoadedTokenizer> LoadTokenizer(const std::filesystem::path& model_directory);

}  // namespace verdict
