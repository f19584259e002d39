#include "services/classifier/text/added_vocabulary.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::Pair;

AddedToken Token(const std::string& content, bool special = false) {
  return {.content = content, .normalized = !special, .special = special};
}

std::vector<std::pair<std::string, int32_t>> Listed(const AddedVocabulary& added) {
  std::vector<std::pair<std::string, int32_t>> list;
  for (const auto& [token, id] : added.tokens()) list.emplace_back(token.content, id);
  return list;
}

class AddedVocabularyTest : public testing::Test {
 protected:
  const Vocabulary vocabulary_ = {{"[UNK]", 0}, {"a", 1}, {"b", 7}};  // ids with a hole
  AddedVocabulary added_{vocabulary_};
};

TEST_F(AddedVocabularyTest, KnownTokensKeepTheirIdOthersGetTheNext) {
  added_.Add({Token("x1"), Token("x2"), Token("b"), Token("x3")});
  EXPECT_THAT(Listed(added_), ElementsAre(Pair("x1", 3), Pair("x2", 4), Pair("x3", 5), Pair("b", 7)));
  added_.Add({Token("x4"), Token("")});
  EXPECT_EQ(added_.FindId("x4"), 8);
  EXPECT_EQ(added_.FindId("a"), 1);
  EXPECT_EQ(added_.FindId("x5"), std::nullopt);
}

TEST_F(AddedVocabularyTest, AddingAgainChangesThePropertiesButOnceSpecialStaysSpecial) {
  added_.Add({Token("x", true)});
  added_.Add({{.content = "x", .lstrip = true}});
  ASSERT_EQ(added_.tokens().size(), 1u);
  EXPECT_EQ(added_.tokens()[0].id, 3);
  EXPECT_TRUE(added_.tokens()[0].token.lstrip);
  EXPECT_TRUE(added_.tokens()[0].token.normalized);
  EXPECT_TRUE(added_.tokens()[0].token.special);
}

TEST_F(AddedVocabularyTest, ConfiguredTokensComeByIdThenRoleThenExtra) {
  TokenizerConfig config;
  config.extra_special_tokens = {Token("<extra>", true), Token("<nine>", true)};
  config.roles["mask_token"] = Token("<mask>", true);
  config.roles["bos_token"] = Token("<bos>", true);
  config.roles["pad_token"] = std::nullopt;
  config.model_specific_tokens = {Token("<own>", true)};
  config.added_tokens = {{90, Token("<nine>")}, {12, Token("<mask>")}};
  added_.AddConfigured(config);
  EXPECT_THAT(Listed(added_),
              ElementsAre(Pair("<mask>", 3), Pair("<nine>", 4), Pair("<bos>", 5), Pair("<own>", 6), Pair("<extra>", 7)));
  EXPECT_TRUE(added_.tokens()[0].token.special);   // it has a role
  EXPECT_FALSE(added_.tokens()[1].token.special);  // it has none
}

}  // namespace
}  // namespace verdict
