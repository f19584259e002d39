#include "services/classifier/text/byte_trie.h"

#include <map>
#include <random>
#include <string>

#include "gtest/gtest.h"

namespace verdict {
namespace {

TEST(ByteTrieTest, AnEmptyTrieMatchesNothing) {
  const ByteTrie trie;
  EXPECT_TRUE(trie.empty());
  EXPECT_EQ(trie.LongestMatch("a").length, 0u);
  EXPECT_EQ(trie.LongestMatch("").length, 0u);
  EXPECT_FALSE(trie.StartsWith('a'));
}

TEST(ByteTrieTest, FindsTheLongestKey) {
  const ByteTrie trie({{"a", 1}, {"abc", 2}, {"abcde", 3}, {"b", 4}});
  EXPECT_EQ(trie.LongestMatch("abcd").length, 3u);
  EXPECT_EQ(trie.LongestMatch("abcd").value, 2);
  EXPECT_EQ(trie.LongestMatch("abcdef").value, 3);
  EXPECT_EQ(trie.LongestMatch("ab").value, 1);
  EXPECT_EQ(trie.LongestMatch("bb").length, 1u);
  EXPECT_EQ(trie.LongestMatch("c").length, 0u);
  EXPECT_TRUE(trie.StartsWith('b'));
  EXPECT_FALSE(trie.StartsWith('c'));
}

TEST(ByteTrieTest, TheLastOfEqualKeysCountsAndEmptyKeysDoNot) {
  const ByteTrie trie({{"x", 1}, {"", 7}, {"x", 2}, {"y", 3}, {"x", 0}});
  EXPECT_EQ(trie.LongestMatch("x").value, 0);
  EXPECT_EQ(trie.LongestMatch("z").length, 0u);
}

TEST(ByteTrieTest, HoldsAnyBytes) {
  const std::string zero("\0\xff\x80", 3);
  const ByteTrie trie({{zero, 5}, {std::string_view(zero).substr(0, 1), 6}});
  EXPECT_EQ(trie.LongestMatch(zero).value, 5);
  EXPECT_EQ(trie.LongestMatch(std::string_view(zero).substr(0, 2)).value, 6);
}

TEST(ByteTrieTest, AgreesWithSearchingAMap) {
  std::mt19937 random(7);
  const auto word = [&](size_t most) {
    std::string text(1 + random() % most, ' ');
    for (char& c : text) c = static_cast<char>('a' + random() % 3);
    return text;
  };
  std::map<std::string, int32_t> keys;
  for (int i = 0; i < 400; ++i) keys[word(7)] = i;
  std::vector<ByteTrie::Entry> entries(keys.begin(), keys.end());
  std::shuffle(entries.begin(), entries.end(), random);
  const ByteTrie trie(entries);
  for (int i = 0; i < 5'000; ++i) {
    const std::string text = word(12);
    size_t length = text.size();
    while (length > 0 && !keys.contains(text.substr(0, length))) --length;
    const ByteTrie::Match match = trie.LongestMatch(text);
    ASSERT_EQ(match.length, length) << text;
    if (length > 0) {
      ASSERT_EQ(match.value, keys[text.substr(0, length)]);
    }
  }
}

}  // namespace
}  // namespace verdict
