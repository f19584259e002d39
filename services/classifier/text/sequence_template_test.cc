#include "services/classifier/text/sequence_template.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using Kind = SequenceTemplate::Piece::Kind;

TEST(SequenceTemplateTest, PutsBertsTokensAround) {
  const TokenSequence single = BertSingleTemplate(2, 3).Apply({7, 8}, {});
  EXPECT_THAT(single.ids, ElementsAre(2, 7, 8, 3));
  EXPECT_THAT(single.type_ids, ElementsAre(0, 0, 0, 0));
  const TokenSequence pair = BertPairTemplate(2, 3).Apply({7}, {8, 9});
  EXPECT_THAT(pair.ids, ElementsAre(2, 7, 3, 8, 9, 3));
  EXPECT_THAT(pair.type_ids, ElementsAre(0, 0, 0, 1, 1, 1));
}

TEST(SequenceTemplateTest, EmptyTextsLeaveTheTokens) {
  EXPECT_THAT(BertSingleTemplate(2, 3).Apply({}, {}).ids, ElementsAre(2, 3));
  EXPECT_THAT(BertPairTemplate(2, 3).Apply({}, {}).type_ids, ElementsAre(0, 0, 1));
  EXPECT_THAT(SequenceTemplate{{{Kind::kFirstText}}}.Apply({}, {}).ids, IsEmpty());
}

TEST(SequenceTemplateTest, CountsItsTokens) {
  EXPECT_EQ(BertSingleTemplate(2, 3).added_tokens(), 2);
  EXPECT_EQ(BertPairTemplate(2, 3).added_tokens(), 3);
  EXPECT_EQ(BertPairTemplate(2, 3).largest_id(), 3);
  EXPECT_EQ(SequenceTemplate{{{Kind::kFirstText}}}.largest_id(), -1);
}

TEST(SequenceTemplateTest, EachTextAppearsOnce) {
  EXPECT_TRUE(BertSingleTemplate(2, 3).Check(false).ok());
  EXPECT_TRUE(BertPairTemplate(2, 3).Check(true).ok());
  EXPECT_EQ(BertSingleTemplate(2, 3).Check(true).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(BertPairTemplate(2, 3).Check(false).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(SequenceTemplate{}.Check(false).code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ((SequenceTemplate{{{Kind::kFirstText}, {Kind::kFirstText}}}.Check(false).code()), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace verdict
