// The cases in testdata/, each the answer of Hugging Face's packages to one text; testdata/generate.py wrote them.
#include <filesystem>
#include <fstream>
#include <limits>
#include <string>

#include "boost/json.hpp"
#include "gtest/gtest.h"
#include "services/classifier/text/load_tokenizer.h"

namespace verdict {
namespace {

class ReferenceCasesTest : public testing::TestWithParam<const char*> {};

std::filesystem::path TestData() { return std::filesystem::path(VERDICT_SOURCE_DIR) / "services/classifier/text/testdata"; }

template <typename T>
T Member(const boost::json::object& object, const char* name, T fallback) {
  const boost::json::value* value = object.if_contains(name);
  return value == nullptr ? fallback : boost::json::value_to<T>(*value);
}

TEST_P(ReferenceCasesTest, EveryIdIsTheSame) {
  const absl::StatusOr<LoadedTokenizer> loaded = LoadTokenizer(TestData() / GetParam());
  ASSERT_TRUE(loaded.ok()) << loaded.status();
  std::ifstream cases(TestData() / GetParam() / "cases.jsonl");
  int compared = 0;
  for (std::string line; std::getline(cases, line); ++compared) {
    const boost::json::value value = boost::json::parse(line);
    const boost::json::object& object = value.get_object();
    TextInput input{Member<std::string>(object, "text", ""), std::nullopt};
    if (object.contains("text_pair")) input.text_pair = Member<std::string>(object, "text_pair", "");
    const bool tail = Member<std::string>(object, "policy", "head") == "tail";
    const absl::StatusOr<Encoding> encoding =
        loaded->tokenizer->Encode(input, Member(object, "max_tokens", std::numeric_limits<int>::max()),
                                  tail ? TruncationPolicy::kTail : TruncationPolicy::kHead);
    ASSERT_TRUE(encoding.ok()) << encoding.status() << "\n" << line;
    EXPECT_EQ(encoding->sequence.ids, Member(object, "ids", std::vector<int32_t>())) << line;
    EXPECT_EQ(encoding->sequence.type_ids, Member(object, "type_ids", std::vector<int32_t>())) << line;
    EXPECT_EQ(encoding->tokens_dropped, Member(object, "tokens_dropped", -1)) << line;
    for (int32_t id : encoding->sequence.ids) EXPECT_LT(id, loaded->tokenizer->vocabulary_size());
  }
  EXPECT_GT(compared, 100);
}

INSTANTIATE_TEST_SUITE_P(Directories, ReferenceCasesTest,
                         testing::Values("accents_kept", "added_tokens", "albert_cased", "albert_spm", "as_written", "both",
                                         "camembert", "camembert_spm", "cased", "deberta", "deberta_v2", "deberta_v2_punct",
                                         "distilbert", "funnel", "left", "modernbert", "mpnet", "mpnet_vocab", "older_files",
                                         "roberta", "roberta_files", "roberta_prefix", "split_special", "tokenizer_json",
                                         "vocab_txt", "with_type_ids", "written_fallback", "written_prefix", "written_split",
                                         "written_suffix", "written_unigram", "xlm_roberta", "xlm_roberta_spm"),
                         [](const auto& directory) { return std::string(directory.param); });

TEST(ReferenceLimitsTest, ComeFromTheConfiguration) {
  EXPECT_EQ(LoadTokenizer(TestData() / "tokenizer_json")->model_max_length, 64);
  EXPECT_EQ(LoadTokenizer(TestData() / "older_files")->model_max_length, 48);
  EXPECT_EQ(LoadTokenizer(TestData() / "left")->model_max_length, std::nullopt);
  EXPECT_EQ(LoadTokenizer(TestData() / "left")->default_truncation, TruncationPolicy::kTail);
}

}  // namespace
}  // namespace verdict
