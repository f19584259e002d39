#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/text/added_token_matcher.h"

namespace verdict {

// What a model directory says about its tokenizer outside tokenizer.json and vocab.txt: tokenizer_config.json and, where that
// does not list the added tokens itself, the older special_tokens_map.json and added_tokens.json.
struct TokenizerConfig {
  std::string tokenizer_class;        // without the ending "Fast"; empty: not named
  std::optional<bool> do_lower_case;  // absent, like others below: as the class does
  bool tokenize_chinese_chars = true;
  std::optional<bool> strip_accents;
  bool clean_text = true;
  std::optional<bool> add_prefix_space;
  bool keep_accents = false;
  bool split_by_punct = false;
  std::optional<int64_t> unk_id;
  bool split_special_tokens = false;
  std::optional<bool> gives_type_ids;  // model_input_names names token_type_ids; absent: as the class does
  std::optional<int64_t> model_max_length;
  std::optional<std::string> truncation_side;  // "left" or "right"

  // Special tokens by the role they play ("cls_token"); absent below a role: the directory says there is none.
  std::map<std::string, std::optional<AddedToken>> roles;
  std::set<std::string> string_roles;  // those among them written as a mere string, or not at all
  // Special tokens whose roles only this model knows, in the order in which transformers adds them.
  std::vector<AddedToken> model_specific_tokens;
  std::vector<AddedToken> extra_special_tokens;
  bool names_extra_tokens = false;  // even if there are none

  // Added tokens by the id the directory gives them. When it lists them in tokenizer_config.json, those of tokenizer.json do not
  // count.
  std::map<int64_t, AddedToken> added_tokens;
  bool lists_added_tokens = false;
};

// Reads the files of `directory`; each of them may be missing. Errors: kInvalidArgument, one line that names the file.
absl::StatusOr<TokenizerConfig> ReadTokenizerConfig(const std::filesystem::path& directory);

}  // namespace verdict
