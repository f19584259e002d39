#include "services/classifier/text/wordpiece_tokenizer.h"

#include <limits>
#include <thread>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr int kNoLimit = std::numeric_limits<int>::max();

// [CLS] is 2, [SEP] 3; letters a to f are 10 to 15.
WordPieceTokenizer::Options SomeOptions() {
  WordPieceTokenizer::Options options;
  options.model.vocabulary = {{"[UNK]", 1}, {"[CLS]", 2}, {"[SEP]", 3}, {"foo", 4}, {"##a", 5}};
  for (char c = 'a'; c <= 'f'; ++c) options.model.vocabulary.emplace_back(std::string(1, c), c - 'a' + 10);
  options.added_tokens = {{{.content = "[SEP]", .normalized = false, .special = true}, 3},
                          {{.content = "New York"}, 20},
                          {{.content = "<user>", .normalized = false}, 21}};
  options.single = BertSingleTemplate(2, 3);
  options.pair = BertPairTemplate(2, 3);
  return options;
}

std::unique_ptr<PipelineTokenizer> Make(const WordPieceTokenizer::Options& options = SomeOptions()) {
  absl::StatusOr<std::unique_ptr<PipelineTokenizer>> tokenizer = WordPieceTokenizer::Create(options);
  EXPECT_TRUE(tokenizer.ok()) << tokenizer.status();
  return *std::move(tokenizer);
}

Encoding Encode(const TextInput& input, int max_tokens = kNoLimit, TruncationPolicy policy = TruncationPolicy::kHead) {
  const absl::StatusOr<Encoding> encoding = Make()->Encode(input, max_tokens, policy);
  EXPECT_TRUE(encoding.ok()) << encoding.status();
  return *encoding;
}

std::vector<int32_t> Ids(const TextInput& input, int max_tokens = kNoLimit, TruncationPolicy policy = TruncationPolicy::kHead) {
  return Encode(input, max_tokens, policy).sequence.ids;
}

std::string ErrorOf(const WordPieceTokenizer::Options& options) {
  const absl::Status status = WordPieceTokenizer::Create(options).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(WordPieceTokenizerTest, TokenisesATextWithItsSpecialTokens) {
  EXPECT_THAT(Ids({"A foo, Bé", std::nullopt}), ElementsAre(2, 10, 4, 1, 1, 3));
}

TEST(WordPieceTokenizerTest, EmptyWhiteAndControlTextsAreAllTheSame) {
  for (const char* text : {"", " ", "\t\n\u3000", "\u200b\u0007"})
    EXPECT_THAT(Ids({text, std::nullopt}), ElementsAre(2, 3)) << text;
}

TEST(WordPieceTokenizerTest, AddedTokensAreFoundBeforeOrAfterNormalisation) {
  EXPECT_THAT(Ids({"a [SEP]b", std::nullopt}), ElementsAre(2, 10, 3, 11, 3));
  EXPECT_THAT(Ids({"[sep]", std::nullopt}).size(), 5u);
  EXPECT_THAT(Ids({"a NÉW YORK b", std::nullopt}), ElementsAre(2, 10, 20, 11, 3));
  EXPECT_THAT(Ids({"a<user>b", std::nullopt}), ElementsAre(2, 10, 21, 11, 3));
}

TEST(WordPieceTokenizerTest, SpecialTokensCanBeText) {
  WordPieceTokenizer::Options options = SomeOptions();
  options.split_special_tokens = true;
  const absl::StatusOr<Encoding> encoding =
      Make(options)->Encode({"[SEP]<user>", std::nullopt}, kNoLimit, TruncationPolicy::kHead);
  EXPECT_THAT(encoding->sequence.ids, ElementsAre(2, 1, 1, 1, 21, 3));
}

TEST(WordPieceTokenizerTest, APairHasTwoTypesEvenWhenASideIsEmpty) {
  const Encoding pair = Encode({.text = "a b", .text_pair = "c"});
  EXPECT_THAT(pair.sequence.ids, ElementsAre(2, 10, 11, 3, 12, 3));
  EXPECT_THAT(pair.sequence.type_ids, ElementsAre(0, 0, 0, 0, 1, 1));
  EXPECT_THAT(Ids({.text = "a", .text_pair = ""}), ElementsAre(2, 10, 3, 3));
}

TEST(WordPieceTokenizerTest, TruncatesByPolicyAndCountsWhatItDrops) {
  const TextInput input = {"a b c d e f", std::nullopt};
  EXPECT_EQ(Encode(input, 8).tokens_dropped, 0);
  EXPECT_EQ(Encode(input, 5).tokens_dropped, 3);
  EXPECT_THAT(Ids(input, 5), ElementsAre(2, 10, 11, 12, 3));
  EXPECT_THAT(Ids(input, 5, TruncationPolicy::kTail), ElementsAre(2, 13, 14, 15, 3));
  EXPECT_THAT(Ids(input, 5, TruncationPolicy::kHeadTail), ElementsAre(2, 10, 11, 15, 3));
  EXPECT_THAT(Ids(input, 2), ElementsAre(2, 3));
}

TEST(WordPieceTokenizerTest, ThePairsLongerTextIsCutFirst) {
  const TextInput input = {.text = "a b c d e", .text_pair = "f"};
  EXPECT_THAT(Ids(input, 6), ElementsAre(2, 10, 11, 3, 15, 3));
  EXPECT_THAT(Ids(input, 6, TruncationPolicy::kTail), ElementsAre(2, 13, 14, 3, 15, 3));
  EXPECT_EQ(Encode(input, 6).tokens_dropped, 3);
}

std::vector<Window> Windows(const TextInput& input, int size, int stride) {
  const auto windows = Make()->EncodeWindows(input, {.size = size, .stride = stride, .max_windows = 10});
  EXPECT_TRUE(windows.ok()) << windows.status();
  return windows.value_or(std::vector<Window>());
}

TEST(WordPieceTokenizerTest, WindowsHaveTheirOwnSpecialTokens) {
  const auto windows = Windows({"a b c d e", std::nullopt}, 5, 1);
  ASSERT_EQ(windows.size(), 2u);
  EXPECT_THAT(windows[0].sequence.ids, ElementsAre(2, 10, 11, 12, 3));
  EXPECT_THAT(windows[1].sequence.ids, ElementsAre(2, 12, 13, 14, 3));
  EXPECT_EQ(windows[1].first_token, 2);
}

TEST(WordPieceTokenizerTest, WindowsOfAPairCutItsLongerText) {
  const auto windows = Windows({"f", "a b c"}, 6, 0);
  ASSERT_EQ(windows.size(), 2u);
  EXPECT_THAT(windows[0].sequence.ids, ElementsAre(2, 15, 3, 10, 11, 3));
  EXPECT_THAT(windows[1].sequence.ids, ElementsAre(2, 15, 3, 12, 3));
  EXPECT_THAT(windows[1].sequence.type_ids, ElementsAre(0, 0, 0, 1, 1));
  EXPECT_THAT(Windows({"a b c", "f"}, 6, 0)[1].sequence.ids, ElementsAre(2, 12, 3, 15, 3));
}

TEST(WordPieceTokenizerTest, WindowsWithoutRoomAreRefused) {
  const auto windows = Make()->EncodeWindows({"a b c", "d e f"}, {.size = 6, .stride = 0, .max_windows = 10});
  EXPECT_THAT(std::string(windows.status().message()), HasSubstr("windows of 6 tokens have no room"));
}

TEST(WordPieceTokenizerTest, RefusesWhenAskedAndSaysHowLong) {
  const absl::StatusOr<Encoding> fits = Make()->Encode({"a b", std::nullopt}, 4, TruncationPolicy::kError);
  EXPECT_TRUE(fits.ok());
  const absl::Status status = Make()->Encode({"a b c", std::nullopt}, 4, TruncationPolicy::kError).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), testing::AllOf(HasSubstr("5 tokens"), HasSubstr("at most 4")));
}

TEST(WordPieceTokenizerTest, TheSpecialTokensAloneMustFit) {
  EXPECT_EQ(Make()->Encode({"a", std::nullopt}, 1, TruncationPolicy::kHead).status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Make()->Encode({.text = "a", .text_pair = "b"}, 2, TruncationPolicy::kHead).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST(WordPieceTokenizerTest, AMegabyteOfOneWordIsOneToken) {
  EXPECT_THAT(Ids({std::string(1 << 20, 'a'), std::nullopt}), ElementsAre(2, 1, 3));
  EXPECT_EQ(Ids({std::string(1 << 20, '['), std::nullopt}).size(), (size_t{1} << 20) + 2);
}

TEST(WordPieceTokenizerTest, TheVocabularySizeCoversAddedTokensAndTemplates) {
  EXPECT_EQ(Make()->vocabulary_size(), 22);
  WordPieceTokenizer::Options options = SomeOptions();
  options.pair.pieces[0].token_id = 500;
  EXPECT_EQ(Make(options)->vocabulary_size(), 501);
  options.model.vocabulary.emplace_back("far", PipelineTokenizer::kLargestId);
  EXPECT_EQ(Make(options)->vocabulary_size(), kNoLimit);
}

TEST(WordPieceTokenizerTest, OfTokensWithOneNormalFormTheLowerIdWins) {
  WordPieceTokenizer::Options options = SomeOptions();
  options.added_tokens = {{{.content = "NEW"}, 31}, {{.content = "néw"}, 30}, {{.content = "New"}, 32}};
  EXPECT_THAT(Make(options)->Encode({"new", std::nullopt}, kNoLimit, TruncationPolicy::kHead)->sequence.ids,
              ElementsAre(2, 30, 3));
}

TEST(WordPieceTokenizerTest, RefusesOptionsThatMakeNoSense) {
  WordPieceTokenizer::Options options = SomeOptions();
  options.model.unk_token = "<unk>";
  EXPECT_THAT(ErrorOf(options), HasSubstr("<unk>"));
  options = SomeOptions();
  options.model.vocabulary.emplace_back("bad", -1);
  EXPECT_THAT(ErrorOf(options), HasSubstr("id -1 of token \"bad\""));
  options = SomeOptions();
  options.added_tokens.push_back({{.content = "far"}, std::numeric_limits<int32_t>::max()});
  EXPECT_THAT(ErrorOf(options), HasSubstr("added token \"far\""));
  options = SomeOptions();
  options.added_tokens.push_back({{.content = "\u0301"}, 40});
  EXPECT_THAT(ErrorOf(options), HasSubstr("empty once normalised"));
  options = SomeOptions();
  options.pair = options.single;
  EXPECT_THAT(ErrorOf(options), HasSubstr("the template of a pair"));
}

TEST(WordPieceTokenizerTest, ManyThreadsShareOne) {
  const std::unique_ptr<PipelineTokenizer> tokenizer = Make();
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int round = 0; round < 200; ++round) {
        const auto encoding = tokenizer->Encode({"a NEW YORK é [SEP] foo", std::nullopt}, kNoLimit, TruncationPolicy::kHead);
        EXPECT_THAT(encoding->sequence.ids, ElementsAre(2, 10, 20, 14, 3, 4, 3));
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

}  // namespace
}  // namespace verdict
