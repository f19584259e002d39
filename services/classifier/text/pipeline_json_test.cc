// Reading normalizer, pre_tokenizer and model of a tokenizer.json.
#include <string>

#include "boost/json/parse.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/classifier/text/exact_scores.h"
#include "services/classifier/text/model_json.h"
#include "services/classifier/text/normalizer_json.h"
#include "services/classifier/text/pre_tokenizer_json.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class PipelineJsonTest : public testing::Test {
 protected:
  JsonView View(const std::string& text) {
    document_ = boost::json::parse(text);
    return JsonView("tokenizer.json", "", document_.get_object());
  }
  JsonView Member(const std::string& name, const std::string& value) { return View("{\"" + name + "\": " + value + "}"); }

  std::string NormalizerError(const std::string& value) {
    return std::string(ReadNormalizers(Member("normalizer", value)).status().message());
  }
  std::string PreTokenizerError(const std::string& value) {
    return std::string(ReadPreTokenizers(Member("pre_tokenizer", value), false).status().message());
  }
  std::string ModelError(const std::string& value) {
    return std::string(ReadModel(Member("model", value), false, ReadPieces).status().message());
  }

 private:
  boost::json::value document_;
};

TEST_F(PipelineJsonTest, ReadsNormalizersInOrder) {
  const absl::StatusOr<Normalizers> steps = ReadNormalizers(Member("normalizer", R"({"type": "Sequence", "normalizers": [
      {"type": "NFD"}, {"type": "Sequence", "normalizers": [{"type": "StripAccents"}, {"type": "Lowercase"}]},
      {"type": "Replace", "pattern": {"String": "a"}, "content": "b"}, {"type": "Replace", "pattern": {"Regex": " {2,}"}, "content": "_"},
      {"type": "Strip", "strip_left": true, "strip_right": true}, {"type": "Prepend", "prepend": "<"}]})"));
  ASSERT_TRUE(steps.ok()) << steps.status();
  std::string text = " ÀB  c ";
  for (const auto& step : *steps) {
    std::string out;
    step->Normalize(text, out);
    text = out;
  }
  EXPECT_EQ(text, "<bb_c");
  EXPECT_TRUE(ReadNormalizers(View("{}"))->empty());
}

TEST_F(PipelineJsonTest, NamesTheNormalizerItCannotBuild) {
  EXPECT_EQ(NormalizerError(R"({"type": "Sequence", "normalizers": [{"type": "NFC"}, {"type": "Nmt"}]})"),
            "tokenizer.json: normalizer.normalizers[1].type: \"Nmt\" is not supported");
  EXPECT_EQ(NormalizerError(R"({"type": "Replace", "pattern": {"Regex": "a|b"}, "content": ""})"),
            "tokenizer.json: normalizer.pattern.Regex: \"a|b\" is not supported");
  EXPECT_THAT(NormalizerError(R"({"type": "Replace", "pattern": {"String": ""}, "content": ""})"), HasSubstr("is empty"));
  EXPECT_THAT(NormalizerError(R"({"type": "Precompiled", "precompiled_charsmap": "?"})"), HasSubstr("is not base64"));
  EXPECT_THAT(NormalizerError(R"({"type": "Precompiled", "precompiled_charsmap": "AAAA"})"), HasSubstr("is cut short"));
}

TEST_F(PipelineJsonTest, NamesThePreTokenizerItCannotBuild) {
  EXPECT_EQ(PreTokenizerError(R"({"type": "Sequence", "pretokenizers": [{"type": "UnicodeScripts"}]})"),
            "tokenizer.json: pre_tokenizer.pretokenizers[0].type: \"UnicodeScripts\" is not supported");
  EXPECT_THAT(PreTokenizerError(R"({"type": "Split", "pattern": {"Regex": "\\d"}, "behavior": "Isolated", "invert": false})"),
              HasSubstr("pre_tokenizer.pattern.Regex: \"\\\\d\" is not supported"));
  EXPECT_THAT(PreTokenizerError(R"({"type": "Punctuation", "behavior": "Random"})"), HasSubstr("\"Random\" is not supported"));
  EXPECT_THAT(PreTokenizerError(R"({"type": "Metaspace", "replacement": "ab"})"), HasSubstr("expected one character"));
  std::string many = R"({"type": "WhitespaceSplit"})";
  for (int i = 0; i < 40; ++i) many += R"(, {"type": "WhitespaceSplit"})";
  EXPECT_THAT(PreTokenizerError(R"({"type": "Sequence", "pretokenizers": [)" + many + "]}"), HasSubstr("too many steps"));
}

TEST_F(PipelineJsonTest, KnowsWhenBytesReachTheModel) {
  const std::string bytes = R"({"type": "ByteLevel", "add_prefix_space": false})";
  EXPECT_TRUE(ReadPreTokenizers(Member("pre_tokenizer", bytes), true)->ends_with_byte_level);
  const std::string digits_last = R"({"type": "Sequence", "pretokenizers": [)" + bytes + R"(, {"type": "Digits"}]})";
  EXPECT_FALSE(ReadPreTokenizers(Member("pre_tokenizer", digits_last), true)->ends_with_byte_level);
}

TEST_F(PipelineJsonTest, NamesWhatIsWrongWithAModel) {
  EXPECT_EQ(ModelError(R"({"type": "Magic"})"), "tokenizer.json: model.type: \"Magic\" is not supported");
  EXPECT_THAT(ModelError(R"({"vocab": {"a": 0}, "merges": ["a"]})"), HasSubstr("model.merges[0]: expected two tokens"));
  EXPECT_THAT(ModelError(R"({"vocab": {"a": 0}, "merges": [["a", "b"]]})"), HasSubstr("model: merge 0 needs \"b\""));
  EXPECT_THAT(ModelError(R"({"vocab": {"a": 0}, "merges": [], "dropout": 0.1})"), HasSubstr("model.dropout"));
  EXPECT_THAT(ModelError(R"({"vocab": [["a"]], "unk_id": 0})"), HasSubstr("model.vocab[0]: expected a piece and its score"));
  EXPECT_THAT(ModelError(R"({"vocab": [["a", -1]], "unk_id": null})"), HasSubstr("model.unk_id"));
  EXPECT_THAT(ModelError(R"({"vocab": [["a", -1]], "unk_id": 1})"), HasSubstr("unk_id 1 is not the id of a piece"));
  EXPECT_THAT(ModelError(R"({"type": "WordLevel", "vocab": {"a": 0}, "unk_token": "b"})"), HasSubstr("model.unk_token: \"b\""));
}

TEST_F(PipelineJsonTest, OldFilesDoNotNameTheModel) {
  EXPECT_EQ(*ReadModelType(Member("model", R"({"vocab": {}, "merges": []})")), "BPE");
  EXPECT_EQ(*ReadModelType(Member("model", R"({"vocab": []})")), "Unigram");
  EXPECT_EQ(*ReadModelType(Member("model", R"({"vocab": {}})")), "WordPiece");
}

TEST(ExactScoresTest, RoundsEveryNumberCorrectly) {
  const absl::StatusOr<std::vector<double>> scores = ReadExactScores(
      R"({"x": [[["a", 9]]], "model": {"y": 7, "vocab": [["a", -3.4567890167236328], ["b", 0], ["c", [1]], ["d", -1e-3]]}, "vocab": [["e", 5]]})");
  ASSERT_TRUE(scores.ok()) << scores.status();
  EXPECT_THAT(*scores, ElementsAre(-3.4567890167236328, 0.0, -1e-3));
  EXPECT_FALSE(ReadExactScores("{").ok());
  EXPECT_FALSE(ReadExactScores(std::string(1000, '[')).ok());
}

}  // namespace
}  // namespace verdict
