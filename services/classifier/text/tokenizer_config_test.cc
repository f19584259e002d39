#include "services/classifier/text/tokenizer_config.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

class TokenizerConfigTest : public testing::Test {
 protected:
  TokenizerConfig Read(const std::string& tokenizer_config) {
    directory_.Write("tokenizer_config.json", tokenizer_config);
    const absl::StatusOr<TokenizerConfig> config = ReadTokenizerConfig(directory_.path());
    EXPECT_TRUE(config.ok()) << config.status();
    return config.value_or(TokenizerConfig());
  }

  std::string ErrorOf(const std::string& tokenizer_config) {
    directory_.Write("tokenizer_config.json", tokenizer_config);
    const absl::Status status = ReadTokenizerConfig(directory_.path()).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
    EXPECT_EQ(std::string(status.message()).find('\n'), std::string::npos);
    return std::string(status.message());
  }

  TempDirectory directory_;
};

std::vector<std::string> Contents(const std::vector<AddedToken>& tokens) {
  std::vector<std::string> contents;
  for (const AddedToken& token : tokens) contents.push_back(token.content);
  return contents;
}

TEST_F(TokenizerConfigTest, WithoutFilesTheDefaultsHold) {
  const absl::StatusOr<TokenizerConfig> config = ReadTokenizerConfig(directory_.path());
  ASSERT_TRUE(config.ok());
  EXPECT_EQ(config->tokenizer_class, "");
  EXPECT_EQ(config->do_lower_case, std::nullopt);
  EXPECT_TRUE(config->tokenize_chinese_chars);
  EXPECT_EQ(config->strip_accents, std::nullopt);
  EXPECT_EQ(config->model_max_length, std::nullopt);
  EXPECT_EQ(config->truncation_side, std::nullopt);
  EXPECT_FALSE(config->lists_added_tokens);
}

TEST_F(TokenizerConfigTest, ReadsTheSettings) {
  const TokenizerConfig config = Read(R"({"tokenizer_class": "BertTokenizerFast", "do_lower_case": false, "strip_accents": true,
      "tokenize_chinese_chars": false, "split_special_tokens": true, "truncation_side": "left", "model_max_length": 512,
      "model_input_names": ["input_ids", "attention_mask"]})");
  EXPECT_EQ(config.tokenizer_class, "BertTokenizer");
  EXPECT_EQ(config.do_lower_case, false);
  EXPECT_EQ(config.strip_accents, true);
  EXPECT_FALSE(config.tokenize_chinese_chars);
  EXPECT_TRUE(config.split_special_tokens);
  EXPECT_EQ(config.truncation_side, "left");
  EXPECT_EQ(config.model_max_length, 512);
  EXPECT_EQ(config.gives_type_ids, false);
}

TEST_F(TokenizerConfigTest, AHugeLimitIsNone) {
  EXPECT_EQ(Read(R"({"model_max_length": 1000000000000000019884624838656})").model_max_length, std::nullopt);
  EXPECT_EQ(Read(R"({"model_max_length": 1e30})").model_max_length, std::nullopt);
  EXPECT_EQ(Read(R"({"model_max_length": 18446744073709551615})").model_max_length, int64_t{9000000000000000000});
  EXPECT_EQ(Read(R"({"model_max_length": null, "max_len": 5})").model_max_length, std::nullopt);
  EXPECT_EQ(Read(R"({"max_len": 77})").model_max_length, 77);
}

TEST_F(TokenizerConfigTest, RefusesLimitsThatAreNone) {
  for (const char* limit : {"0", "-5", "0.5", "12.5", "\"512\"", "true", "[]"}) {
    EXPECT_EQ(ErrorOf(std::string(R"({"model_max_length": )") + limit + "}"),
              "tokenizer_config.json: model_max_length: expected a positive integer");
  }
}

TEST_F(TokenizerConfigTest, SpecialTokensAreStringsOrObjects) {
  const TokenizerConfig config =
      Read(R"({"cls_token": "<s>", "mask_token": {"__type": "AddedToken", "content": "<mask>", "lstrip": true},
      "pad_token": null, "add_bos_token": true, "z_token": "<z>", "a_token": {"content": "<a>"},
      "additional_special_tokens": ["<extra>", {"content": "<more>", "rstrip": true}]})");
  EXPECT_EQ(config.roles.at("cls_token"), (AddedToken{.content = "<s>", .normalized = false, .special = true}));
  EXPECT_EQ(config.roles.at("mask_token"), (AddedToken{.content = "<mask>", .lstrip = true}));
  EXPECT_EQ(config.roles.at("pad_token"), std::nullopt);
  EXPECT_FALSE(config.roles.contains("sep_token"));
  EXPECT_THAT(Contents(config.model_specific_tokens), ElementsAre("<a>", "<z>"));
  EXPECT_THAT(Contents(config.extra_special_tokens), ElementsAre("<extra>", "<more>"));
  EXPECT_TRUE(config.extra_special_tokens[1].rstrip);
}

TEST_F(TokenizerConfigTest, NamedExtraTokensBelongToTheModel) {
  const TokenizerConfig config = Read(R"({"extra_special_tokens": {"image": "<img>"}, "own_token": "<own>"})");
  EXPECT_THAT(Contents(config.model_specific_tokens), ElementsAre("<own>", "<img>"));
  EXPECT_THAT(config.extra_special_tokens, IsEmpty());
}

TEST_F(TokenizerConfigTest, TheOlderFilesFillIn) {
  directory_.Write("special_tokens_map.json", R"({"cls_token": "<map>", "mask_token": {"content": "<mask>", "lstrip": true},
      "additional_special_tokens": ["<extra>"]})");
  directory_.Write("added_tokens.json", R"({"<extra>": 9, "plain": 8})");
  const TokenizerConfig config = Read(R"({"cls_token": "<config>"})");
  EXPECT_EQ(config.roles.at("cls_token")->content, "<map>");
  EXPECT_EQ(config.roles.at("mask_token"),
            (AddedToken{.content = "<mask>", .lstrip = true, .normalized = false, .special = true}));
  EXPECT_EQ(config.added_tokens.at(9), (AddedToken{.content = "<extra>", .normalized = false, .special = true}));
  EXPECT_EQ(config.added_tokens.at(8), (AddedToken{.content = "plain"}));
  EXPECT_FALSE(config.lists_added_tokens);
}

TEST_F(TokenizerConfigTest, TheOlderFilesDoNotCountBesideAList) {
  directory_.Write("special_tokens_map.json", R"({"cls_token": "<map>"})");
  directory_.Write("added_tokens.json", "this is not even JSON");
  const TokenizerConfig config =
      Read(R"({"cls_token": "<config>", "added_tokens_decoder": {"7": {"content": "x", "special": true}}})");
  EXPECT_TRUE(config.lists_added_tokens);
  EXPECT_EQ(config.roles.at("cls_token")->content, "<config>");
  EXPECT_EQ(config.added_tokens.at(7), (AddedToken{.content = "x", .normalized = false, .special = true}));
}

TEST_F(TokenizerConfigTest, ErrorsNameTheMember) {
  EXPECT_EQ(ErrorOf(""), "tokenizer_config.json: the file is empty");
  EXPECT_THAT(ErrorOf("[1]"), HasSubstr("tokenizer_config.json"));
  EXPECT_THAT(ErrorOf("{\"a\":"), HasSubstr("not valid JSON"));
  EXPECT_EQ(ErrorOf(R"({"do_lower_case": "yes"})"), "tokenizer_config.json: do_lower_case: expected true or false");
  EXPECT_EQ(ErrorOf(R"({"tokenizer_class": 3})"), "tokenizer_config.json: tokenizer_class: expected a string");
  EXPECT_EQ(ErrorOf(R"({"truncation_side": "up"})"), "tokenizer_config.json: truncation_side: expected \"left\" or \"right\"");
  EXPECT_EQ(ErrorOf(R"({"cls_token": 5})"), "tokenizer_config.json: cls_token: expected a string or an object");
  EXPECT_EQ(ErrorOf(R"({"cls_token": {"lstrip": true}})"), "tokenizer_config.json: cls_token.content: expected a string");
  EXPECT_EQ(ErrorOf(R"({"model_input_names": "ids"})"), "tokenizer_config.json: model_input_names: expected an array");
  EXPECT_EQ(ErrorOf(R"({"extra_special_tokens": 1})"), "tokenizer_config.json: extra_special_tokens: expected an array");
  EXPECT_THAT(ErrorOf(R"({"extra_special_tokens": [1]})"), HasSubstr("extra_special_tokens[0]: expected a string or an object"));
  EXPECT_THAT(ErrorOf(R"({"added_tokens_decoder": {"-1": {"content": "x"}}})"), HasSubstr("\"-1\": expected an id"));
  EXPECT_THAT(ErrorOf(R"({"added_tokens_decoder": {"9999999999": {"content": "x"}}})"), HasSubstr("expected an id"));
  EXPECT_THAT(ErrorOf(R"({"added_tokens_decoder": {"1": "x"}})"), HasSubstr("added_tokens_decoder.1: expected an object"));
}

TEST_F(TokenizerConfigTest, ErrorsNameTheOlderFile) {
  directory_.Write("added_tokens.json", R"({"x": -1})");
  EXPECT_THAT(ErrorOf("{}"), HasSubstr("added_tokens.json: x: expected an integer"));
  directory_.Write("special_tokens_map.json", R"({"cls_token": []})");
  EXPECT_THAT(ErrorOf("{}"), HasSubstr("special_tokens_map.json: cls_token"));
}

}  // namespace
}  // namespace verdict
