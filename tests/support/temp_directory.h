#pragma once

#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "gtest/gtest.h"

namespace verdict {

// A folder for one test, gone with it.
class TempDirectory {
 public:
  TempDirectory() { std::filesystem::create_directories(path_); }
  ~TempDirectory() { std::filesystem::remove_all(path_); }
  TempDirectory(const TempDirectory&) = delete;
  TempDirectory& operator=(const TempDirectory&) = delete;

  const std::filesystem::path& path() const { return path_; }
  void Write(const std::string& name, const std::string& content) const {
    std::ofstream(path_ / name, std::ios::binary) << content;
  }

 private:
  static std::string Name() {
    const testing::TestInfo* test = testing::UnitTest::GetInstance()->current_test_info();
    return std::string("text_") + std::to_string(getpid()) + "_" + test->test_suite_name() + "_" + test->name();
  }

  const std::filesystem::path path_ = std::filesystem::path(testing::TempDir()) / Name();
};

}  // namespace verdict
