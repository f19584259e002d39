#include "services/classifier/text/tokenizer_json.h"

#include "boost/json/parse.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::UnorderedElementsAre;

// A document of one or more members; lives until the test ends.
class TokenizerJsonTest : public testing::Test {
 protected:
  JsonView View(const std::string& text) {
    document_ = boost::json::parse(text);
    return JsonView("tokenizer.json", "", document_.get_object());
  }

  JsonView Model(const std::string& changes) {
    return View(R"({"model": {"type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
        "max_input_chars_per_word": 100, "vocab": {"[UNK]": 0, "a": 1})" +
                changes + "}}");
  }

  JsonView Processor(const std::string& single, const std::string& pair, const std::string& ids = "[2]") {
    return View(R"({"post_processor": {"type": "TemplateProcessing", "special_tokens": {"[CLS]": {"id": "[CLS]", "ids": )" + ids +
                R"(, "tokens": []}}, "single": )" + single + R"(, "pair": )" + pair + "}}");
  }

  template <typename T>
  std::string ErrorOf(const absl::StatusOr<T>& result, absl::StatusCode code = absl::StatusCode::kInvalidArgument) {
    EXPECT_EQ(result.status().code(), code) << result.status();
    return std::string(result.status().message());
  }

 private:
  boost::json::value document_;
};

constexpr char kA[] = R"({"Sequence": {"id": "A", "type_id": 0}})";
constexpr char kB[] = R"({"Sequence": {"id": "B", "type_id": 1}})";
constexpr char kCls[] = R"({"SpecialToken": {"id": "[CLS]", "type_id": 4}})";

std::string List(std::initializer_list<std::string> items) {
  std::string list;
  for (const std::string& item : items) list += (list.empty() ? "" : ",") + item;
  return "[" + list + "]";
}

TEST_F(TokenizerJsonTest, ReadsTheModel) {
  const absl::StatusOr<WordPieceModel::Options> model = ReadWordPieceModel(Model(""));
  ASSERT_TRUE(model.ok()) << model.status();
  EXPECT_THAT(model->vocabulary, UnorderedElementsAre(std::pair("[UNK]", 0), std::pair("a", 1)));
  EXPECT_EQ(model->continuing_subword_prefix, "##");
  EXPECT_EQ(model->max_input_chars_per_word, 100);
}

TEST_F(TokenizerJsonTest, TheVocabularyAloneNeedsNoMore) {
  EXPECT_EQ(ReadWordPieceVocabulary(View(R"({"model": {"vocab": {"a": 5, "b": 9}}})"))->size(), 2u);
  EXPECT_EQ(ErrorOf(ReadWordPieceModel(View(R"({"model": {"vocab": {"a": 5}}})"))),
            "tokenizer.json: model.unk_token: expected a string");
}

TEST_F(TokenizerJsonTest, RefusesBrokenVocabularies) {
  const auto error_of = [&](const std::string& vocab) {
    return ErrorOf(ReadWordPieceVocabulary(View(R"({"model": {"vocab": )" + vocab + "}}")));
  };
  EXPECT_EQ(error_of("7"), "tokenizer.json: model.vocab: expected an object");
  EXPECT_EQ(error_of("{}"), "tokenizer.json: model.vocab: is empty");
  EXPECT_EQ(error_of(R"({"a": -1})"), "tokenizer.json: model.vocab.\"a\": expected an id between 0 and 2147483646");
  for (const char* id : {"2147483647", "1.0", "\"1\"", "null", "1e300", "18446744073709551615"}) {
    EXPECT_THAT(error_of(std::string(R"({"a": )") + id + "}"), HasSubstr("expected an id"));
  }
  EXPECT_EQ(error_of(R"({"a": 1, "b": 0, "c": 1})"), R"(tokenizer.json: model.vocab: "a" and "c" share the id 1)");
}

TEST_F(TokenizerJsonTest, RefusesOtherModels) {
  EXPECT_EQ(ErrorOf(ReadWordPieceModel(View(R"({"model": {"type": "BPE"}})")), absl::StatusCode::kUnimplemented),
            "tokenizer.json: model.type: \"BPE\" is not supported");
  EXPECT_EQ(ErrorOf(ReadWordPieceModel(View("{}"))), "tokenizer.json: model: expected an object");
  EXPECT_THAT(ErrorOf(ReadWordPieceModel(Model(R"(, "max_input_chars_per_word": -1)"))),
              HasSubstr("model.max_input_chars_per_word"));
}

TEST_F(TokenizerJsonTest, ReadsTheNormalizer) {
  const absl::StatusOr<BertNormalizer::Options> read = ReadNormalizer(View(
      R"({"normalizer": {"type": "BertNormalizer", "clean_text": false, "handle_chinese_chars": true, "strip_accents": false, "lowercase": true}})"));
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_FALSE(read->clean_text);
  EXPECT_TRUE(read->handle_chinese_chars);
  EXPECT_EQ(read->strip_accents, false);
  EXPECT_TRUE(read->lowercase);
  const absl::StatusOr<BertNormalizer::Options> none = ReadNormalizer(View(R"({"normalizer": null})"));
  EXPECT_FALSE(none->clean_text || none->handle_chinese_chars || none->strip_accents.value_or(none->lowercase) ||
               none->lowercase);
}

TEST_F(TokenizerJsonTest, RefusesOtherNormalizersForBert) {
  EXPECT_EQ(ErrorOf(ReadNormalizer(View(R"({"normalizer": {"type": "NFC"}})")), absl::StatusCode::kUnimplemented),
            "tokenizer.json: normalizer.type: \"NFC\" is not supported");
  EXPECT_THAT(ErrorOf(ReadNormalizer(View(R"({"normalizer": {"type": "BertNormalizer"}})"))), HasSubstr("normalizer.clean_text"));
}

TEST_F(TokenizerJsonTest, KnowsThePipelineOfBert) {
  const std::string model = R"("model": {"type": "WordPiece"}, )";
  EXPECT_TRUE(IsBertPipeline(View("{" + model + R"("pre_tokenizer": {"type": "BertPreTokenizer"}})")));
  EXPECT_TRUE(IsBertPipeline(
      View("{" + model + R"("pre_tokenizer": {"type": "BertPreTokenizer"}, "normalizer": {"type": "BertNormalizer"}})")));
  EXPECT_FALSE(IsBertPipeline(View("{" + model + R"("pre_tokenizer": {"type": "Metaspace"}})")));
  EXPECT_FALSE(
      IsBertPipeline(View("{" + model + R"("pre_tokenizer": {"type": "BertPreTokenizer"}, "normalizer": {"type": "NFC"}})")));
  EXPECT_FALSE(IsBertPipeline(View(R"({"model": {"type": "BPE"}, "pre_tokenizer": {"type": "BertPreTokenizer"}})")));
  EXPECT_FALSE(IsBertPipeline(View("{" + model + R"("pre_tokenizer": null})")));
}

TEST_F(TokenizerJsonTest, ReadsAddedTokens) {
  const auto tokens = ReadAddedTokens(View(R"({"added_tokens": [{"id": 3, "content": "x", "special": true},
      {"id": 9, "content": "y", "lstrip": true, "single_word": true, "normalized": false}]})"));
  ASSERT_TRUE(tokens.ok()) << tokens.status();
  EXPECT_EQ((*tokens)[0].id, 3);
  EXPECT_EQ((*tokens)[0].token, (AddedToken{.content = "x", .normalized = false, .special = true}));
  EXPECT_EQ((*tokens)[1].token, (AddedToken{.content = "y", .single_word = true, .lstrip = true, .normalized = false}));
  EXPECT_TRUE(ReadAddedTokens(View("{}"))->empty());
  EXPECT_EQ(ErrorOf(ReadAddedTokens(View(R"({"added_tokens": {}})"))), "tokenizer.json: added_tokens: expected an array");
  EXPECT_EQ(ErrorOf(ReadAddedTokens(View(R"({"added_tokens": [{"id": 1}]})"))),
            "tokenizer.json: added_tokens[0].content: expected a string");
  EXPECT_THAT(ErrorOf(ReadAddedTokens(View(R"({"added_tokens": [{"id": 1, "content": "x"}, {"id": -1, "content": "y"}]})"))),
              HasSubstr("added_tokens[1].id: expected an integer between 0"));
}

TEST_F(TokenizerJsonTest, ReadsBertProcessing) {
  const auto templates =
      ReadPostProcessor(View(R"({"post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 8], "cls": ["[CLS]", 7]}})"));
  ASSERT_TRUE(templates.ok()) << templates.status();
  EXPECT_THAT(templates->pair.Apply({1}, {2}).ids, ElementsAre(7, 1, 8, 2, 8));
  EXPECT_THAT(ErrorOf(ReadPostProcessor(
                  View(R"({"post_processor": {"type": "BertProcessing", "sep": ["[SEP]"], "cls": ["[CLS]", 7]}})"))),
              HasSubstr("post_processor.sep: expected a token and its id"));
  EXPECT_THAT(
      ErrorOf(ReadPostProcessor(View(R"({"post_processor": {"type": "BertProcessing", "sep": ["[SEP]", 1], "cls": ["", -7]}})"))),
      HasSubstr("post_processor.cls: expected an id"));
}

TEST_F(TokenizerJsonTest, ReadsTemplates) {
  const auto templates = ReadPostProcessor(Processor(List({kCls, kA}), List({kB, kCls, kA}), "[2, 3]"));
  ASSERT_TRUE(templates.ok()) << templates.status();
  EXPECT_THAT(templates->single.Apply({9}, {}).ids, ElementsAre(2, 3, 9));
  EXPECT_THAT(templates->single.Apply({9}, {}).type_ids, ElementsAre(4, 4, 0));
  EXPECT_THAT(templates->pair.Apply({8}, {9}).ids, ElementsAre(9, 2, 3, 8));
}

TEST_F(TokenizerJsonTest, WithoutAPostProcessorThereAreOnlyTheTexts) {
  const auto templates = ReadPostProcessor(View("{}"));
  EXPECT_THAT(templates->single.Apply({9}, {}).ids, ElementsAre(9));
  EXPECT_THAT(templates->pair.Apply({8}, {9}).type_ids, ElementsAre(0, 1));
}

TEST_F(TokenizerJsonTest, RefusesBrokenTemplates) {
  const std::string pair = List({kA, kB});
  EXPECT_EQ(ErrorOf(ReadPostProcessor(Processor(List({kCls}), pair))),
            "tokenizer.json: post_processor.single: must hold the first text exactly once");
  EXPECT_THAT(ErrorOf(ReadPostProcessor(Processor(List({kA}), List({kA})))), HasSubstr("pair: must hold the second text"));
  EXPECT_THAT(ErrorOf(ReadPostProcessor(Processor(List({kA, kB}), pair))), HasSubstr("single: must not hold a second text"));
  EXPECT_THAT(ErrorOf(ReadPostProcessor(Processor(List({kA, R"({"SpecialToken": {"id": "x", "type_id": 0}})"}), pair))),
              HasSubstr("post_processor.single[1].SpecialToken.id: \"x\" is not among the special_tokens"));
  EXPECT_THAT(ErrorOf(ReadPostProcessor(Processor(List({kA, "7"}), pair))), HasSubstr("single[1]: expected an object"));
  EXPECT_THAT(ErrorOf(ReadPostProcessor(Processor(List({R"({"Sequence": {"id": "C", "type_id": 0}})"}), pair))),
              HasSubstr("\"A\" or \"B\""));
  EXPECT_THAT(ErrorOf(ReadPostProcessor(Processor("{}", pair))), HasSubstr("post_processor.single: expected an array"));
  EXPECT_THAT(ErrorOf(ReadPostProcessor(Processor(List({kA}), pair, "[-2]"))),
              HasSubstr("special_tokens.[CLS].ids: expected an id"));
  EXPECT_EQ(
      ErrorOf(ReadPostProcessor(View(R"({"post_processor": {"type": "PairProcessing"}})")), absl::StatusCode::kUnimplemented),
      "tokenizer.json: post_processor.type: \"PairProcessing\" is not supported");
}

TEST_F(TokenizerJsonTest, ATemplateCannotExplode) {
  std::string ids = "[2";
  for (int i = 0; i < 400; ++i) ids += ",2";
  EXPECT_THAT(ErrorOf(ReadPostProcessor(Processor(List({kCls, kCls, kCls, kA}), List({kA, kB}), ids + "]"))),
              HasSubstr("single[2].SpecialToken: makes the template too long"));
}

TEST_F(TokenizerJsonTest, ReadsTheSideOfTruncationOnly) {
  EXPECT_EQ(*ReadTruncationSide(View("{}")), std::nullopt);
  EXPECT_EQ(*ReadTruncationSide(View(R"({"truncation": {"max_length": 512}})")), "right");
  EXPECT_EQ(*ReadTruncationSide(View(R"({"truncation": {"direction": "Left"}})")), "left");
  EXPECT_THAT(ErrorOf(ReadTruncationSide(View(R"({"truncation": {"direction": "Up"}})"))), HasSubstr("truncation.direction"));
}

}  // namespace
}  // namespace verdict
