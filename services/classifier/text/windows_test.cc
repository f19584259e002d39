#include "services/classifier/text/windows.h"

#include <string>

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

std::vector<WindowSpan> Lay(size_t tokens, size_t room, std::optional<int> stride) {
  const auto spans = LayWindows(tokens, room, {.size = static_cast<int>(room) + 2, .stride = stride, .max_windows = 10});
  EXPECT_TRUE(spans.ok()) << spans.status();
  return spans.value_or(std::vector<WindowSpan>());
}
std::string ErrorOf(size_t tokens, size_t room, std::optional<int> stride) {
  const auto spans = LayWindows(tokens, room, {.size = static_cast<int>(room) + 2, .stride = stride, .max_windows = 10});
  EXPECT_EQ(spans.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(spans.status().message());
}

TEST(LayWindowsTest, AShortTextIsOneWindow) {
  EXPECT_THAT(Lay(0, 4, 1), ElementsAre(WindowSpan{0, 0}));
  EXPECT_THAT(Lay(4, 4, 1), ElementsAre(WindowSpan{0, 4}));
}

TEST(LayWindowsTest, NeighboursShareTheStrideAndTheLastReachesTheEnd) {
  EXPECT_THAT(Lay(5, 4, 1), ElementsAre(WindowSpan{0, 4}, WindowSpan{3, 5}));
  EXPECT_THAT(Lay(7, 4, 1), ElementsAre(WindowSpan{0, 4}, WindowSpan{3, 7}));
  EXPECT_THAT(Lay(8, 4, 0), ElementsAre(WindowSpan{0, 4}, WindowSpan{4, 8}));
  EXPECT_THAT(Lay(6, 4, 3), ElementsAre(WindowSpan{0, 4}, WindowSpan{1, 5}, WindowSpan{2, 6}));
}

TEST(LayWindowsTest, AQuarterIsSharedUnlessSaidOtherwise) {
  EXPECT_THAT(Lay(14, 8, {}), ElementsAre(WindowSpan{0, 8}, WindowSpan{6, 14}));
  EXPECT_THAT(Lay(3, 1, {}), ElementsAre(WindowSpan{0, 1}, WindowSpan{1, 2}, WindowSpan{2, 3}));
}

TEST(LayWindowsTest, RefusesWhatWouldNotEnd) {
  EXPECT_THAT(ErrorOf(9, 4, 4), HasSubstr("windows of 6 tokens hold 4 content tokens, and neighbours cannot share 4 of them"));
  EXPECT_THAT(ErrorOf(9, 0, {}), HasSubstr("no room beside the special tokens"));
  EXPECT_THAT(ErrorOf(1000, 4, 0), HasSubstr("the text needs 250 windows, at most 10 are taken"));
}

}  // namespace
}  // namespace verdict
