#include "services/classifier/text/vocab_file.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Pair;

class VocabFileTest : public testing::Test {
 protected:
  absl::StatusOr<Vocabulary> Read(const std::string& content) {
    directory_.Write("vocab.txt", content);
    return ReadVocabFile(directory_.path() / "vocab.txt");
  }

  TempDirectory directory_;
};

TEST_F(VocabFileTest, AnIdIsALineNumber) {
  EXPECT_THAT(*Read("a\n##b\nc"), ElementsAre(Pair("a", 0), Pair("##b", 1), Pair("c", 2)));
  EXPECT_THAT(*Read("a\nb\n"), ElementsAre(Pair("a", 0), Pair("b", 1)));
}

TEST_F(VocabFileTest, WhiteSpaceAtTheEndIsNotPartOfAToken) {
  EXPECT_THAT(*Read("a\r\nb \t\n c\u3000\n"), ElementsAre(Pair("a", 0), Pair("b", 1), Pair(" c", 2)));
}

TEST_F(VocabFileTest, ARepeatedTokenHasItsLastId) {
  EXPECT_THAT(*Read("a\nb\na\n\n\nc\n"), ElementsAre(Pair("a", 2), Pair("b", 1), Pair("", 4), Pair("c", 5)));
}

TEST_F(VocabFileTest, AByteOrderMarkBelongsToTheFirstToken) { EXPECT_EQ(Read("\ufeff[PAD]\n")->front().first, "\ufeff[PAD]"); }

TEST_F(VocabFileTest, ErrorsNameTheFile) {
  EXPECT_EQ(Read("").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Read("").status().message(), "vocab.txt: the file is empty");
  EXPECT_EQ(Read("a\nb\xff\nc").status().message(), "vocab.txt: line 2: is not valid UTF-8");
  const absl::Status missing = ReadVocabFile(directory_.path() / "none.txt").status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.message()), HasSubstr("none.txt"));
}

}  // namespace
}  // namespace verdict
