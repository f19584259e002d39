#include "services/classifier/text/tokenizer_config.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "boost/json/array.hpp"
#include "common/json_file.h"
#include "services/classifier/text/json_view.h"
#include "services/classifier/text/tokenizer_json.h"
#include "services/classifier/text/vocab_file.h"

namespace verdict {
namespace {

// Beyond this a limit means "none": transformers writes 1e30 for models without one.
constexpr double kNoLimit = 1e20;

bool IsStandardRole(std::string_view name) {
  for (const char* role : {"bos_token", "eos_token", "unk_token", "sep_token", "pad_token", "cls_token", "mask_token"}) {
    if (name == role) return true;
  }
  return false;
}

absl::StatusOr<JsonFile> ReadOptional(const std::filesystem::path& path) {
  absl::StatusOr<JsonFile> file = JsonFile::Read(path, kMaxTokenizerFileBytes);
  return absl::IsNotFound(file.status()) ? JsonFile::Parse(path.filename().string(), "{}") : std::move(file);
}

// A special token is written as a string, or as an object with its properties.
absl::StatusOr<AddedToken> ReadSpecialToken(const JsonView& view, const std::string& where, const boost::json::value& value,
                                            std::optional<bool> special) {
  if (value.is_string()) {
    AddedToken token;
    token.content = std::string(value.get_string());
    token.normalized = false;
    token.special = true;
    return token;
  }
  if (!value.is_object()) return view.Error(where, "expected a string or an object");
  const absl::StatusOr<JsonView> object = view.ObjectAt(value, where);
  if (!object.ok()) return object.status();
  return ReadAddedToken(*object, special);
}

absl::Status ReadRoles(const JsonView& view, std::optional<bool> special, TokenizerConfig& config) {
  for (const auto& [key, value] : view.object()) {
    const std::string role(key);
    if (!IsStandardRole(role)) continue;
    if (value.is_null()) {
      config.roles[role] = std::nullopt;
      continue;
    }
    absl::StatusOr<AddedToken> token = ReadSpecialToken(view, role, value, special);
    if (!token.ok()) return token.status();
    config.roles[role] = *std::move(token);
    config.string_roles.erase(role);
    if (value.is_string()) config.string_roles.insert(role);
  }
  return absl::OkStatus();
}

// Roles of the model's own: any member that ends like one and holds a token ("add_bos_token" holds none).
absl::Status ReadModelRoles(const JsonView& view, bool strings, bool objects, std::vector<AddedToken>& tokens) {
  for (const auto& [key, value] : view.object()) {
    const std::string role(key);
    if (IsStandardRole(role) || !absl::EndsWith(role, "_token")) continue;
    if (!(strings && value.is_string()) && !(objects && value.is_object())) continue;
    absl::StatusOr<AddedToken> token = ReadSpecialToken(view, role, value, std::nullopt);
    if (!token.ok()) return token.status();
    tokens.push_back(*std::move(token));
  }
  return absl::OkStatus();
}

// Extra special tokens: a list, or an object that names the role of each.
absl::Status ReadExtraTokens(const JsonView& view, const std::string& member, TokenizerConfig& config,
                             std::vector<AddedToken>& with_roles) {
  const boost::json::value* value = view.Find(member);
  if (value == nullptr) return absl::OkStatus();
  if (value->is_object()) {
    const absl::StatusOr<JsonView> roles = view.Object(member);
    for (const auto& [key, item] : roles->object()) {
      absl::StatusOr<AddedToken> token = ReadSpecialToken(*roles, std::string(key), item, true);
      if (!token.ok()) return token.status();
      with_roles.push_back(*std::move(token));
    }
    return absl::OkStatus();
  }
  if (!value->is_array()) return view.Error(member, "expected an array");
  for (size_t i = 0; i < value->get_array().size(); ++i) {
    absl::StatusOr<AddedToken> token = ReadSpecialToken(view, absl::StrCat(member, "[", i, "]"), value->get_array()[i], true);
    if (!token.ok()) return token.status();
    config.extra_special_tokens.push_back(*std::move(token));
  }
  return absl::OkStatus();
}

absl::Status ReadEitherExtraTokens(const JsonView& view, TokenizerConfig& config, std::vector<AddedToken>& with_roles) {
  for (const char* member : {"extra_special_tokens", "additional_special_tokens"}) {
    config.names_extra_tokens |= view.object().contains(member);
  }
  const size_t before = config.extra_special_tokens.size();
  if (absl::Status status = ReadExtraTokens(view, "extra_special_tokens", config, with_roles); !status.ok()) return status;
  if (config.extra_special_tokens.size() > before || before > 0) return absl::OkStatus();
  return ReadExtraTokens(view, "additional_special_tokens", config, with_roles);
}

absl::Status ReadAddedTokensDecoder(const JsonView& view, TokenizerConfig& config) {
  config.lists_added_tokens = view.Find("added_tokens_decoder") != nullptr;
  if (!config.lists_added_tokens) return absl::OkStatus();
  const absl::StatusOr<JsonView> decoder = view.Object("added_tokens_decoder");
  if (!decoder.ok()) return decoder.status();
  for (const auto& [key, value] : decoder->object()) {
    const std::string id_text(key);
    int32_t id = 0;
    if (!absl::SimpleAtoi(id_text, &id) || id < 0)
      return decoder->Error(Quoted(id_text), "expected an id between 0 and 2147483647");
    const absl::StatusOr<JsonView> object = decoder->ObjectAt(value, id_text);
    if (!object.ok()) return object.status();
    absl::StatusOr<AddedToken> token = ReadAddedToken(*object);
    if (!token.ok()) return token.status();
    config.added_tokens[id] = *std::move(token);
  }
  return absl::OkStatus();
}

// added_tokens.json: the id of each token.
absl::Status ReadAddedTokensFile(const JsonView& view, TokenizerConfig& config) {
  for (const auto& [key, value] : view.object()) {
    AddedToken token;
    token.content = std::string(key);
    const absl::StatusOr<int64_t> id = view.Integer(token.content, 0, std::numeric_limits<int32_t>::max());
    if (!id.ok()) return id.status();
    for (const auto& [role, special] : config.roles) {
      if (special && special->content == token.content) token.special = true;
    }
    for (const AddedToken& special : config.extra_special_tokens) token.special |= special.content == token.content;
    token.normalized = !token.special;
    config.added_tokens[*id] = std::move(token);
  }
  return absl::OkStatus();
}

absl::Status ReadMaxLength(const JsonView& view, TokenizerConfig& config) {
  const std::string member = view.object().contains("model_max_length") ? "model_max_length" : "max_len";
  const boost::json::value* value = view.Find(member);
  if (value == nullptr) return absl::OkStatus();
  const double number = value->is_number() ? value->to_number<double>() : 0;
  if (!(number >= 1) || (number <= kNoLimit && number != std::floor(number))) {
    return view.Error(member, "expected a positive integer");
  }
  if (number <= kNoLimit) config.model_max_length = static_cast<int64_t>(std::min(number, 9e18));
  return absl::OkStatus();
}

absl::Status ReadInputNames(const JsonView& view, TokenizerConfig& config) {
  const boost::json::value* names = view.Find("model_input_names");
  if (names == nullptr) return absl::OkStatus();
  if (!names->is_array()) return view.Error("model_input_names", "expected an array");
  const boost::json::array& array = names->get_array();
  config.gives_type_ids = std::find(array.begin(), array.end(), boost::json::value("token_type_ids")) != array.end();
  return absl::OkStatus();
}

// What only some classes look at.
absl::Status ReadFamilySettings(const JsonView& view, TokenizerConfig& config) {
  const absl::StatusOr<bool> clean = view.Boolean("clean_text", true);
  const absl::StatusOr<bool> prefix = view.Boolean("add_prefix_space", false);
  const absl::StatusOr<bool> accents = view.Boolean("keep_accents", false);
  const absl::StatusOr<bool> punctuation = view.Boolean("split_by_punct", false);
  const absl::StatusOr<int64_t> unk_id = view.Integer("unk_id", 0, std::numeric_limits<int32_t>::max(), 0);
  for (const absl::Status& status : {clean.status(), prefix.status(), accents.status(), punctuation.status(), unk_id.status()}) {
    if (!status.ok()) return status;
  }
  config.clean_text = *clean;
  if (view.Find("add_prefix_space") != nullptr) config.add_prefix_space = *prefix;
  config.keep_accents = *accents;
  config.split_by_punct = *punctuation;
  if (view.Find("unk_id") != nullptr) config.unk_id = *unk_id;
  return absl::OkStatus();
}

absl::Status ReadSettings(const JsonView& view, TokenizerConfig& config) {
  const absl::StatusOr<std::string> tokenizer_class = view.String("tokenizer_class", "");
  const absl::StatusOr<std::string> side = view.String("truncation_side", "");
  const absl::StatusOr<bool> lower = view.Boolean("do_lower_case", false);
  const absl::StatusOr<bool> chinese = view.Boolean("tokenize_chinese_chars", true);
  const absl::StatusOr<bool> strip = view.Boolean("strip_accents", false);
  const absl::StatusOr<bool> split_special = view.Boolean("split_special_tokens", false);
  for (const absl::Status& status :
       {tokenizer_class.status(), side.status(), lower.status(), chinese.status(), strip.status(), split_special.status()}) {
    if (!status.ok()) return status;
  }
  if (!side->empty() && *side != "left" && *side != "right")
    return view.Error("truncation_side", "expected \"left\" or \"right\"");
  config.tokenizer_class = std::string(absl::StripSuffix(*tokenizer_class, "Fast"));
  if (!side->empty()) config.truncation_side = *side;
  if (view.Find("do_lower_case") != nullptr) config.do_lower_case = *lower;
  config.tokenize_chinese_chars = *chinese;
  if (view.Find("strip_accents") != nullptr) config.strip_accents = *strip;
  config.split_special_tokens = *split_special;
  if (absl::Status status = ReadFamilySettings(view, config); !status.ok()) return status;
  if (absl::Status status = ReadInputNames(view, config); !status.ok()) return status;
  return ReadMaxLength(view, config);
}

absl::Status ReadOlderFiles(const std::filesystem::path& directory, TokenizerConfig& config,
                            std::vector<AddedToken>& with_roles) {
  const absl::StatusOr<JsonFile> special = ReadOptional(directory / "special_tokens_map.json");
  if (!special.ok()) return special.status();
  const absl::StatusOr<JsonFile> added = ReadOptional(directory / "added_tokens.json");
  if (!added.ok()) return added.status();
  const JsonView special_view(special->name(), "", special->object());
  if (absl::Status status = ReadRoles(special_view, true, config); !status.ok()) return status;
  if (absl::Status status = ReadModelRoles(special_view, true, true, config.model_specific_tokens); !status.ok()) return status;
  if (absl::Status status = ReadEitherExtraTokens(special_view, config, with_roles); !status.ok()) return status;
  return ReadAddedTokensFile(JsonView(added->name(), "", added->object()), config);
}

}  // namespace

absl::StatusOr<TokenizerConfig> ReadTokenizerConfig(const std::filesystem::path& directory) {
  const absl::StatusOr<JsonFile> file = ReadOptional(directory / "tokenizer_config.json");
  if (!file.ok()) return file.status();
  const JsonView view(file->name(), "", file->object());
  TokenizerConfig config;
  if (absl::Status status = ReadSettings(view, config); !status.ok()) return status;
  if (absl::Status status = ReadRoles(view, std::nullopt, config); !status.ok()) return status;
  if (absl::Status status = ReadModelRoles(view, false, true, config.model_specific_tokens); !status.ok()) return status;
  std::vector<AddedToken> with_roles;  // those written as strings come last
  if (absl::Status status = ReadModelRoles(view, true, false, with_roles); !status.ok()) return status;
  if (absl::Status status = ReadAddedTokensDecoder(view, config); !status.ok()) return status;
  if (absl::Status status = ReadEitherExtraTokens(view, config, with_roles); !status.ok()) return status;
  if (!config.lists_added_tokens) {
    if (absl::Status status = ReadOlderFiles(directory, config, with_roles); !status.ok()) return status;
  }
  config.model_specific_tokens.insert(config.model_specific_tokens.end(), with_roles.begin(), with_roles.end());
  return config;
}

}  // namespace verdict
