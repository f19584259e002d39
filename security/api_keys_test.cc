#include "security/api_keys.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string Line(const std::string& name, const std::string& roles, const std::string& key) {
  return absl::StrCat(name, " ", roles, "\tsha256:", Sha256Hex(key), "\n");
}

std::string Failure(const std::string& text) { return std::string(ApiKeys::Parse(text).status().message()); }

TEST(ApiKeysTest, FindsWhoseKeyItIs) {
  const auto keys = ApiKeys::Parse("# ours\n\n" + Line("alice", "inference", "one") + Line("bob", "admin,docs", "two"));
  ASSERT_TRUE(keys.ok()) << keys.status();
  ASSERT_NE(keys->Find("two"), nullptr);
  EXPECT_EQ(keys->Find("two")->name, "bob");
  EXPECT_TRUE(keys->Find("two")->roles.Has(Role::kAdmin));
  EXPECT_EQ(keys->Find("one")->name, "alice");
  EXPECT_EQ(keys->Find("three"), nullptr);
  EXPECT_EQ(keys->Find(""), nullptr);
}

TEST(ApiKeysTest, ANameMayHaveTwoKeysWhileOneReplacesTheOther) {
  const auto keys = ApiKeys::Parse(Line("alice", "inference", "old") + Line("alice", "inference", "new"));
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->Find("old")->name, keys->Find("new")->name);
}

TEST(ApiKeysTest, SaysWhichLineIsWrongAndNeverShowsAKey) {
  EXPECT_THAT(Failure(Line("a", "inference", "k") + "b inference\n"), HasSubstr("line 2: expected NAME ROLES"));
  EXPECT_THAT(Failure("a inference secret-key-in-the-clear"), HasSubstr("never the key itself"));
  EXPECT_THAT(Failure("a inference secret-key-in-the-clear"), Not(HasSubstr("secret-key-in-the-clear")));
  EXPECT_THAT(Failure("a inference sha256:12"), HasSubstr("64 hexadecimal digits"));
  EXPECT_THAT(Failure(Line("a", "root", "k")), HasSubstr("must be roles, separated by commas: inference, models-read"));
  EXPECT_THAT(Failure("a secret-key-in-the-clear inference"), Not(HasSubstr("secret-key-in-the-clear")));
  EXPECT_THAT(Failure(Line("jwt:alice", "inference", "k")), HasSubstr("names that begin with jwt:"));
  EXPECT_THAT(Failure(Line("cn:ops", "inference", "k")), HasSubstr("names that begin with jwt:"));
  EXPECT_THAT(Failure(Line("a\x01", "inference", "k")), HasSubstr("the name must be"));
  EXPECT_THAT(Failure(Line("a", "inference", "k") + Line("b", "inference", "k")), HasSubstr("line 2: another line"));
}

TEST(ApiKeysTest, NewKeysDifferAndAreLong) {
  const auto one = NewApiKey();
  const auto two = NewApiKey();
  ASSERT_TRUE(one.ok() && two.ok());
  EXPECT_EQ(one->size(), 43U);
  EXPECT_NE(*one, *two);
}

// FIPS 180-4's example.
TEST(ApiKeysTest, HashesAsOthersDo) {
  EXPECT_EQ(Sha256Hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

}  // namespace
}  // namespace verdict
