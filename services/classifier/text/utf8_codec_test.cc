#include "services/classifier/text/utf8_codec.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

TEST(Utf8CodecTest, EncodesAndDecodesEveryCodePoint) {
  std::string text;
  for (char32_t c = 0; c < 0x110000; ++c) {
    if (c >= 0xD800 && c < 0xE000) continue;
    text.clear();
    AppendUtf8(c, text);
    const DecodedChar first = DecodeChar(text);
    ASSERT_EQ(first.code_point, c);
    ASSERT_EQ(static_cast<size_t>(first.length), text.size());
    text.insert(0, "é");
    ASSERT_EQ(DecodeLastChar(text).code_point, c);
  }
}

TEST(Utf8CodecTest, NeverReadsPastTheEndOrLeavesTheTables) {
  for (int first = 0x80; first < 0x100; ++first) {
    for (size_t tail = 0; tail <= 3; ++tail) {
      const std::string text = std::string(1, static_cast<char>(first)) + std::string(tail, '\xbf');
      const std::string exact(text);  // its own allocation, so that the sanitizer sees a read too far
      const DecodedChar decoded = DecodeChar(exact);
      EXPECT_LT(decoded.code_point, 0x110000u);
      EXPECT_LE(static_cast<size_t>(decoded.length), exact.size());
      EXPECT_LE(static_cast<size_t>(DecodeLastChar(exact).length), exact.size());
    }
  }
}

}  // namespace
}  // namespace verdict
