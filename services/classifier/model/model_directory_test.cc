#include "services/classifier/model/model_directory.h"

#include <sys/stat.h>
#include <unistd.h>

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ModelDirectoryTest : public testing::Test {
 protected:
  ModelDirectoryTest() { fs::create_directories(folder_); }
  ~ModelDirectoryTest() override { fs::remove_all(folder_); }

  void Write(const std::string& name, const std::string& content) { std::ofstream(folder_ / name) << content; }
  std::string ErrorOf(absl::StatusCode code) {
    const auto directory = ModelDirectory::Read(folder_);
    EXPECT_EQ(directory.status().code(), code);
    return std::string(directory.status().message());
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / ("model_directory_" + std::to_string(getpid()) +
                                                           testing::UnitTest::GetInstance()->current_test_info()->name());
};

TEST_F(ModelDirectoryTest, FindsSafetensorsBeforeTorchScript) {
  Write("config.json", R"({"model_type": "bert"})");
  Write("model.pt", "x");
  EXPECT_EQ(ModelDirectory::Read(folder_)->format, ModelDirectory::Format::kTorchScript);
  Write("model.safetensors.index.json", "{}");
  EXPECT_EQ(ModelDirectory::Read(folder_)->format, ModelDirectory::Format::kShardedSafetensors);
  Write("model.safetensors", "x");
  const auto directory = ModelDirectory::Read(folder_);
  EXPECT_EQ(directory->format, ModelDirectory::Format::kSafetensors);
  EXPECT_EQ(directory->weights, folder_ / "model.safetensors");
}

TEST_F(ModelDirectoryTest, ReadsTheVersionOfTheTraining) {
  Write("config.json", R"({"model_type": "bert"})");
  Write("model.safetensors", "x");
  EXPECT_EQ(ModelDirectory::Read(folder_)->version, "1");
  Write("metadata.json", R"({"version": "20260102_030405"})");
  EXPECT_EQ(ModelDirectory::Read(folder_)->version, "20260102_030405");
  Write("metadata.json", R"({"version": 7})");
  EXPECT_EQ(ModelDirectory::Read(folder_)->version, "7");
  Write("metadata.json", R"({"version": []})");
  EXPECT_THAT(ErrorOf(absl::StatusCode::kInvalidArgument), HasSubstr("metadata.json: version"));
  Write("metadata.json", "{");
  EXPECT_THAT(ErrorOf(absl::StatusCode::kInvalidArgument), HasSubstr("metadata.json: is not valid JSON"));
}

TEST_F(ModelDirectoryTest, RefusesWeightsThatAreNoFile) {
  Write("config.json", R"({"model_type": "bert"})");
  ASSERT_EQ(mkfifo((folder_ / "model.pt").c_str(), 0600), 0);
  EXPECT_THAT(ErrorOf(absl::StatusCode::kInvalidArgument), HasSubstr("model.pt: is no regular file"));
}

TEST_F(ModelDirectoryTest, NamesWhatIsMissing) {
  EXPECT_THAT(ErrorOf(absl::StatusCode::kNotFound), HasSubstr("config.json: No such file"));
  Write("config.json", R"({"model_type": "bert"})");
  EXPECT_THAT(ErrorOf(absl::StatusCode::kNotFound), HasSubstr("holds neither model.safetensors nor model.pt"));
  Write("pytorch_model.bin", "x");
  EXPECT_THAT(ErrorOf(absl::StatusCode::kInvalidArgument), HasSubstr("safe_serialization=True"));
}

TEST_F(ModelDirectoryTest, RefusesWhatIsNoDirectory) {
  const auto missing = ModelDirectory::Read(folder_ / "nowhere");
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("nowhere: no such model directory"));
  Write("file", "x");
  EXPECT_EQ(ModelDirectory::Read(folder_ / "file").status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace verdict
