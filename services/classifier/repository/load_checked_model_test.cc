#include "services/classifier/repository/load_checked_model.h"

#include <fstream>

#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

std::filesystem::path Demo() { return std::filesystem::path(VERDICT_SOURCE_DIR) / "models/demo"; }
std::filesystem::path Golden() { return std::filesystem::path(VERDICT_SOURCE_DIR) / "tests/golden/demo.jsonl"; }

class LoadCheckedModelTest : public ::testing::Test {
 protected:
  std::string PrecisionOf(const std::string& wish, const std::string& golden) {
    const auto parts = LoadCheckedModel("demo", folder_.path(), {.precision = wish, .threads = 1}, golden);
    EXPECT_TRUE(parts.ok()) << parts.status();
    return parts.ok() ? parts->info.precision : "";
  }
  void SetUp() override {
    for (const auto& file : std::filesystem::directory_iterator(Demo())) {
      std::filesystem::create_symlink(file.path(), folder_.path() / file.path().filename());
    }
  }

  TempDirectory folder_;
};

TEST_F(LoadCheckedModelTest, WithoutGoldenAnswersInt8IsNotTaken) {
  EXPECT_EQ(PrecisionOf("fp32", ""), "fp32");
  EXPECT_EQ(PrecisionOf("bf16", ""), "bf16");
  EXPECT_NE(PrecisionOf("int8", ""), "int8");
  EXPECT_NE(PrecisionOf("auto", ""), "int8");
}

TEST_F(LoadCheckedModelTest, GoldenAnswersThatAgreeAdmitInt8) {
  EXPECT_EQ(PrecisionOf("int8", Golden().string()), "int8");
  EXPECT_EQ(PrecisionOf("auto", Golden().string()) == "int8", Int8IsFastest());
  std::filesystem::create_symlink(Golden(), folder_.path() / "golden.jsonl");
  EXPECT_EQ(PrecisionOf("int8", ""), "int8");
  EXPECT_EQ(PrecisionOf("fp32", ""), "fp32");
}

// Answers of another model: two in a hundred are enough.
TEST_F(LoadCheckedModelTest, AnswersThatChangeKeepInt8Out) {
  std::ifstream all(Golden());
  std::ofstream changed(folder_.path() / "golden.jsonl");
  std::string line;
  for (int i = 0; i < 100 && std::getline(all, line); ++i) {
    changed << (i < 2 ? absl::StrReplaceAll(line, {{R"("label":")", R"("label":"not )"}}) : line) << "\n";
  }
  changed.close();
  EXPECT_NE(PrecisionOf("int8", ""), "int8");
}

TEST_F(LoadCheckedModelTest, AnUnreadableLineIsAnErrorAndNoFallback) {
  std::ofstream(folder_.path() / "golden.jsonl") << "no json\n";
  const auto parts = LoadCheckedModel("demo", folder_.path(), {.precision = "int8", .threads = 1}, "");
  EXPECT_EQ(parts.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(parts.status().message()), ::testing::HasSubstr("golden.jsonl"));
}

}  // namespace
}  // namespace verdict
