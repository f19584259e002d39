#include "process/kept_files.h"

#include <sys/resource.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "gtest/gtest.h"
#include "tests/support/no_descriptors.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

class KeptFilesTest : public testing::Test {
 protected:
  void Write(const std::string& text) { std::ofstream(path_) << text; }

  const TempDirectory folder_;
  const std::string path_ = (folder_.path() / "file").string();
  KeptFiles files_;
};

TEST_F(KeptFilesTest, SaysWhatTheFileSaysNow) {
  Write("first");
  EXPECT_EQ(files_.Read(path_), "first");
  Write(std::string(20'000, 'x'));
  EXPECT_EQ(files_.Read(path_), std::string(20'000, 'x'));
  EXPECT_FALSE(files_.failed());
}

TEST_F(KeptFilesTest, AFileThatIsNotThereIsNoFailureAndMayCome) {
  EXPECT_EQ(files_.Read(path_), std::nullopt);
  EXPECT_FALSE(files_.failed());
  Write("here");
  EXPECT_EQ(files_.Read(path_), "here");
}

TEST_F(KeptFilesTest, WithoutDescriptorsReadsWhatItHasRead) {
  Write("first");
  files_.Read(path_);
  files_.Read(path_ + ".none");
  Write("second");
  std::optional<std::string> kept, absent;
  bool failed = true;
  {
    const NoDescriptors none;
    kept = files_.Read(path_);
    absent = files_.Read(path_ + ".none");
    failed = files_.failed();
  }
  EXPECT_EQ(kept, "second");
  EXPECT_EQ(absent, std::nullopt);
  EXPECT_FALSE(failed) << "there was none when that could be found out";
}

TEST_F(KeptFilesTest, WithoutDescriptorsWhatWasNeverReadIsAFailure) {
  Write("first");
  {
    const NoDescriptors none;
    EXPECT_EQ(files_.Read(path_), std::nullopt);
    EXPECT_TRUE(files_.failed());
  }
  files_.ForgetFailures();
  EXPECT_EQ(files_.Read(path_), "first");
  EXPECT_FALSE(files_.failed());
}

TEST_F(KeptFilesTest, WhatCannotBeReadIsAFailure) {
  EXPECT_EQ(files_.Read(folder_.path().string()), std::nullopt);
  EXPECT_TRUE(files_.failed());
}

}  // namespace
}  // namespace verdict
