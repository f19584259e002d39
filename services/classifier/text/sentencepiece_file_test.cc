#include "services/classifier/text/sentencepiece_file.h"

#include <bit>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::HasSubstr;

std::string Varint(uint64_t value) {
  std::string out;
  for (; value >= 0x80; value >>= 7) out.push_back(static_cast<char>(value | 0x80));
  out.push_back(static_cast<char>(value));
  return out;
}

std::string Bytes(uint64_t field, const std::string& bytes) { return Varint(field << 3 | 2) + Varint(bytes.size()) + bytes; }
std::string Number(uint64_t field, uint64_t value) { return Varint(field << 3) + Varint(value); }
std::string Float(uint64_t field, float value) {
  std::string out = Varint(field << 3 | 5);
  for (int i = 0; i < 4; ++i) out.push_back(static_cast<char>(std::bit_cast<uint32_t>(value) >> (8 * i) & 0xFF));
  return out;
}

std::string SomeFile() {
  return Bytes(1, Bytes(1, "<unk>") + Float(2, 0) + Number(3, 2)) + Bytes(1, Bytes(1, "▁a") + Float(2, -1.5f)) +
         Bytes(2, Number(3, 1) + Number(40, 7) + Bytes(99, "ignored")) + Bytes(3, Bytes(1, "nmt") + Bytes(2, "map"));
}

TEST(SentencePieceFileTest, ReadsWhatTokenizingNeeds) {
  const absl::StatusOr<SentencePieceFile> file = ParseSentencePieceFile(SomeFile());
  ASSERT_TRUE(file.ok()) << file.status();
  ASSERT_EQ(file->pieces.size(), 2u);
  EXPECT_EQ(file->pieces[0].type, SentencePieceFile::Type::kUnknown);
  EXPECT_EQ(file->pieces[1].text, "▁a");
  EXPECT_EQ(file->pieces[1].score, -1.5f);
  EXPECT_EQ(file->pieces[1].type, SentencePieceFile::Type::kNormal);
  EXPECT_EQ(file->unk_id, 7);
  EXPECT_EQ(file->character_map, "map");
}

TEST(SentencePieceFileTest, NoPrefixCrashes) {
  const std::string whole = SomeFile();
  for (size_t length = 0; length < whole.size(); ++length) ParseSentencePieceFile(whole.substr(0, length)).IgnoreError();
  EXPECT_FALSE(ParseSentencePieceFile(whole.substr(0, whole.size() - 1)).ok());
}

TEST(SentencePieceFileTest, RefusesWhatIsNone) {
  const auto error = [](const std::string& bytes) { return std::string(ParseSentencePieceFile(bytes).status().message()); };
  EXPECT_THAT(error(""), HasSubstr("no pieces"));
  EXPECT_THAT(error("\x0b"), HasSubstr("not a SentencePiece model"));
  EXPECT_THAT(error(std::string(20, '\xff')), HasSubstr("cut short"));
  EXPECT_THAT(error(Bytes(1, Bytes(1, "\xff"))), HasSubstr("piece 0 is not valid UTF-8"));
  EXPECT_THAT(error(Varint(1 << 3 | 2) + Varint(uint64_t{1} << 63)), HasSubstr("cut short"));
}

}  // namespace
}  // namespace verdict
