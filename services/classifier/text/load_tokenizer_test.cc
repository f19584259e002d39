#include "services/classifier/text/load_tokenizer.h"

#include <limits>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kVocab[] = "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\na\nA\n##a\n\xC3\xA9\n";
constexpr char kModel[] =
    R"({"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##", "max_input_chars_per_word": 100,
    "vocab": {"[PAD]": 0, "[UNK]": 1, "[CLS]": 2, "[SEP]": 3, "[MASK]": 4, "a": 5, "A": 6, "##a": 7, "é": 8}})";
constexpr char kRest[] =
    R"("added_tokens": [{"id": 3, "content": "[SEP]", "special": true}], "pre_tokenizer": {"type": "BertPreTokenizer"},
    "post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 3], "cls": ["[CLS]", 2]})";
constexpr char kFast[] = R"({"tokenizer_class": "PreTrainedTokenizerFast"})";

std::string TokenizerJson(const std::string& normalizer = "null", const std::string& more = "") {
  return std::string("{\"version\": \"1.0\", \"normalizer\": ") + normalizer + ", \"model\": " + kModel + ", " + kRest + more +
         "}";
}

class LoadTokenizerTest : public testing::Test {
 protected:
  LoadedTokenizer Load() {
    absl::StatusOr<LoadedTokenizer> loaded = LoadTokenizer(directory_.path());
    EXPECT_TRUE(loaded.ok()) << loaded.status();
    return *std::move(loaded);
  }

  std::vector<int32_t> Ids(const std::string& text) {
    const LoadedTokenizer loaded = Load();
    return loaded.tokenizer->Encode({text, std::nullopt}, std::numeric_limits<int>::max(), TruncationPolicy::kHead)->sequence.ids;
  }

  std::string ErrorOf(absl::StatusCode code = absl::StatusCode::kInvalidArgument) {
    const absl::Status status = LoadTokenizer(directory_.path()).status();
    EXPECT_EQ(status.code(), code) << status;
    EXPECT_EQ(std::string(status.message()).find('\n'), std::string::npos);
    return std::string(status.message());
  }

  TempDirectory directory_;
};

TEST_F(LoadTokenizerTest, AVocabularyAloneIsALowerCasingBert) {
  directory_.Write("vocab.txt", kVocab);
  EXPECT_THAT(Ids("A [MASK] Á"), ElementsAre(2, 5, 4, 5, 3));
  EXPECT_EQ(Load().model_max_length, std::nullopt);
  EXPECT_EQ(Load().default_truncation, TruncationPolicy::kHead);
  EXPECT_EQ(Load().tokenizer->vocabulary_size(), 9);
}

TEST_F(LoadTokenizerTest, BertIgnoresTheNormalizerOfTokenizerJson) {
  directory_.Write("tokenizer.json", TokenizerJson());
  EXPECT_THAT(Ids("A"), ElementsAre(2, 5, 3));
  directory_.Write("tokenizer_config.json", R"({"do_lower_case": false, "model_max_length": 128})");
  EXPECT_THAT(Ids("A"), ElementsAre(2, 6, 3));
  EXPECT_EQ(Load().model_max_length, 128);
}

TEST_F(LoadTokenizerTest, TokenizerJsonGoesBeforeVocabTxt) {
  directory_.Write("tokenizer.json", TokenizerJson());
  directory_.Write("vocab.txt", "[UNK]\n[CLS]\n[SEP]\na\n");
  EXPECT_THAT(Ids("a"), ElementsAre(2, 5, 3));
}

TEST_F(LoadTokenizerTest, TheFastClassObeysTokenizerJson) {
  directory_.Write("tokenizer_config.json", kFast);
  directory_.Write("tokenizer.json", TokenizerJson());
  EXPECT_THAT(Ids("A"), ElementsAre(2, 6, 3));
  directory_.Write(
      "tokenizer.json",
      TokenizerJson(R"({"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true})"));
  EXPECT_THAT(Ids("Á[SEP]"), ElementsAre(2, 5, 3, 3));
}

TEST_F(LoadTokenizerTest, OnlyTheFastClassLeavesTypeIdsOut) {
  const auto types = [&] {
    return Load().tokenizer->Encode({.text = "a", .text_pair = "a"}, 10, TruncationPolicy::kHead)->sequence.type_ids;
  };
  directory_.Write("tokenizer.json", TokenizerJson());
  EXPECT_THAT(types(), ElementsAre(0, 0, 0, 1, 1));
  directory_.Write("tokenizer_config.json", R"({"model_input_names": ["input_ids", "attention_mask"]})");
  EXPECT_THAT(types(), ElementsAre(0, 0, 0, 0, 0));
  directory_.Write("tokenizer_config.json", kFast);
  EXPECT_THAT(types(), ElementsAre(0, 0, 0, 0, 0));
}

TEST_F(LoadTokenizerTest, TheClassMayStandInConfigJson) {
  directory_.Write("tokenizer.json", TokenizerJson());
  directory_.Write("config.json", R"({"model_type": "bert", "tokenizer_class": "PreTrainedTokenizerFast"})");
  EXPECT_THAT(Ids("A"), ElementsAre(2, 6, 3));
  directory_.Write("tokenizer_config.json", R"({"tokenizer_class": "BertTokenizerFast"})");
  EXPECT_THAT(Ids("A"), ElementsAre(2, 5, 3));
}

TEST_F(LoadTokenizerTest, TheSideOfTruncationComesFromEitherFile) {
  directory_.Write("tokenizer.json", TokenizerJson("null", R"(, "truncation": {"direction": "Left"})"));
  EXPECT_EQ(Load().default_truncation, TruncationPolicy::kTail);
  directory_.Write("tokenizer_config.json", R"({"truncation_side": "right"})");
  EXPECT_EQ(Load().default_truncation, TruncationPolicy::kHead);
}

TEST_F(LoadTokenizerTest, PaddingAndLengthsInTokenizerJsonDoNotCount) {
  directory_.Write("tokenizer_config.json", kFast);
  directory_.Write("tokenizer.json",
                   TokenizerJson("null", R"(, "padding": {"strategy": {"Fixed": 512}}, "truncation": {"max_length": 3})"));
  EXPECT_THAT(Ids("a a a"), ElementsAre(2, 5, 5, 5, 3));
}

TEST_F(LoadTokenizerTest, NamesWhatIsMissing) {
  EXPECT_THAT(ErrorOf(absl::StatusCode::kNotFound), HasSubstr("neither tokenizer.json nor vocab.txt"));
  directory_.Write("tokenizer_config.json", kFast);
  EXPECT_THAT(ErrorOf(absl::StatusCode::kNotFound), HasSubstr("tokenizer.json"));
}

TEST_F(LoadTokenizerTest, NeedsItsSpecialTokens) {
  directory_.Write("vocab.txt", "[CLS]\n[SEP]\n");
  EXPECT_EQ(ErrorOf(), "vocab.txt: the vocabulary lacks the unknown token \"[UNK]\"");
  directory_.Write("vocab.txt", "[UNK]\n[SEP]\n");
  EXPECT_EQ(ErrorOf(), "vocab.txt: the vocabulary lacks \"[CLS]\", the cls_token");
  directory_.Write("added_tokens.json", R"({"[CLS]": 2})");
  EXPECT_THAT(Ids(""), ElementsAre(2, 1));
  directory_.Write("tokenizer_config.json", R"({"sep_token": null})");
  EXPECT_EQ(ErrorOf(), "tokenizer_config.json: sep_token: expected a string");
}

TEST_F(LoadTokenizerTest, RefusesOtherTokenizers) {
  directory_.Write("tokenizer.json", TokenizerJson());
  directory_.Write("tokenizer_config.json", R"({"tokenizer_class": "BigBirdTokenizer"})");
  EXPECT_EQ(ErrorOf(absl::StatusCode::kUnimplemented),
            "tokenizer_config.json: tokenizer_class: \"BigBirdTokenizer\" is not supported");
  directory_.Write("tokenizer_config.json", kFast);
  directory_.Write("tokenizer.json", TokenizerJson(R"({"type": "Nmt"})"));
  EXPECT_EQ(ErrorOf(absl::StatusCode::kUnimplemented), "tokenizer.json: normalizer.type: \"Nmt\" is not supported");
  directory_.Write("tokenizer.json", R"({"version": "2.0"})");
  EXPECT_EQ(ErrorOf(absl::StatusCode::kUnimplemented), "tokenizer.json: version: \"2.0\" is not supported");
}

TEST_F(LoadTokenizerTest, EachFamilyNamesTheFilesItMisses) {
  const std::pair<const char*, const char*> families[] = {{"RobertaTokenizer", "vocab.json"},
                                                          {"XLMRobertaTokenizer", "sentencepiece.bpe.model"},
                                                          {"CamembertTokenizerFast", "sentencepiece.bpe.model"},
                                                          {"AlbertTokenizer", "spiece.model"},
                                                          {"DebertaV2Tokenizer", "spm.model"},
                                                          {"MPNetTokenizer", "vocab.txt"}};
  for (const auto& [name, file] : families) {
    directory_.Write("tokenizer_config.json", std::string(R"({"tokenizer_class": ")") + name + R"("})");
    EXPECT_THAT(ErrorOf(absl::StatusCode::kNotFound), HasSubstr(std::string("neither tokenizer.json nor ") + file));
    directory_.Write(file, "\xff\xff");
    EXPECT_THAT(ErrorOf(), HasSubstr(file));
    std::filesystem::remove(directory_.path() / file);
  }
}

TEST_F(LoadTokenizerTest, WhatTheNormalizerDropsIsNoStartOfTheInput) {
  directory_.Write("tokenizer_config.json", kFast);
  directory_.Write("tokenizer.json", R"({"normalizer": {"type": "Strip", "strip_left": true, "strip_right": true},
      "pre_tokenizer": {"type": "Metaspace", "replacement": "\u2581", "prepend_scheme": "first"},
      "model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0], ["a", -1], ["\u2581a", -1]]}})");
  EXPECT_THAT(Ids("a"), ElementsAre(2));
  EXPECT_THAT(Ids(" a"), ElementsAre(1));
}

TEST_F(LoadTokenizerTest, TheModelsTypeDecidesWhereNoClassIsNamed) {
  directory_.Write("config.json", R"({"model_type": "xlm-roberta"})");
  EXPECT_THAT(ErrorOf(absl::StatusCode::kNotFound), HasSubstr("sentencepiece.bpe.model"));
  directory_.Write("config.json", R"({"model_type": "modernbert"})");
  directory_.Write("tokenizer_config.json", R"({"tokenizer_class": "BertTokenizer"})");
  EXPECT_THAT(ErrorOf(absl::StatusCode::kNotFound), HasSubstr("tokenizer.json: No such file"));
}

TEST_F(LoadTokenizerTest, BrokenFilesGetOneClearLine) {
  for (const char* name : {"tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json"}) {
    for (const std::string& content :
         {std::string(), std::string("{"), std::string("[]"), std::string("{\"a\": \xff}"), std::string(100'000, '[')}) {
      directory_.Write("vocab.txt", kVocab);
      directory_.Write(name, content);
      EXPECT_THAT(ErrorOf(), HasSubstr(name));
    }
    std::filesystem::remove(directory_.path() / name);
  }
}

TEST_F(LoadTokenizerTest, AnOversizedFileIsNotRead) {
  directory_.Write("vocab.txt", kVocab);
  std::filesystem::resize_file(directory_.path() / "vocab.txt", (uintmax_t{256} << 20) + 1);  // sparse
  EXPECT_THAT(ErrorOf(), HasSubstr("vocab.txt"));
}

TEST_F(LoadTokenizerTest, ADirectoryInAFilesPlaceIsAnError) {
  std::filesystem::create_directories(directory_.path() / "vocab.txt");
  EXPECT_THAT(ErrorOf(), HasSubstr("vocab.txt"));
}

TEST_F(LoadTokenizerTest, NoPrefixOfATokenizerJsonCrashes) {
  directory_.Write("tokenizer_config.json", kFast);
  const std::string whole =
      TokenizerJson(R"({"type": "BertNormalizer", "clean_text": true, "handle_chinese_chars": true, "lowercase": true})");
  for (size_t length = 0; length < whole.size(); ++length) {
    directory_.Write("tokenizer.json", whole.substr(0, length));
    ASSERT_EQ(LoadTokenizer(directory_.path()).status().code(), absl::StatusCode::kInvalidArgument) << length;
  }
}

}  // namespace
}  // namespace verdict
