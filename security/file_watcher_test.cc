#include "security/file_watcher.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "common/json_file.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;

class FileWatcherTest : public ::testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) { std::ofstream(folder_.path() / name) << text; }
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }

  absl::Status Watch(const std::string& name) {
    return watcher_.Watch("a file", {Path(name)}, [this, path = Path(name)] {
      ++loads_;
      auto text = ReadFile(path, 100);
      if (text.ok() && *text != "bad") text_ = *text;
      return text.ok() && *text == "bad" ? absl::InvalidArgumentError("bad") : text.status();
    });
  }

  TempDirectory folder_;
  FileWatcher watcher_{absl::Milliseconds(1)};
  int loads_ = 0;
  std::string text_;
};

TEST_F(FileWatcherTest, LoadsAtOnceAndThenOnlyWhatHasChanged) {
  Write("file", "one");
  ASSERT_TRUE(Watch("file").ok());
  EXPECT_EQ(text_, "one");
  watcher_.Poll();
  EXPECT_EQ(loads_, 1);
  Write("file", "three");
  watcher_.Poll();
  EXPECT_EQ(text_, "three");
  EXPECT_EQ(loads_, 2);
}

TEST_F(FileWatcherTest, KeepsWhatItHasWhileTheFileIsBadOrGone) {
  Write("file", "one");
  ASSERT_TRUE(Watch("file").ok());
  Write("file", "bad");
  watcher_.Poll();
  fs::remove(Path("file"));
  watcher_.Poll();
  EXPECT_EQ(text_, "one");
  EXPECT_EQ(loads_, 3);
  watcher_.Poll();
  EXPECT_EQ(loads_, 4);  // tried again as long as it fails
  Write("file", "two");
  watcher_.Poll();
  EXPECT_EQ(text_, "two");
}

TEST_F(FileWatcherTest, FollowsALinkThatComesToPointElsewhere) {
  fs::create_directory(Path("a"));
  fs::create_directory(Path("b"));
  Write("a/file", "one");
  Write("b/file", "two");
  fs::create_directory_symlink("a", Path("data"));
  ASSERT_TRUE(Watch("data/file").ok());
  fs::create_directory_symlink("b", Path("fresh"));
  fs::rename(Path("fresh"), Path("data"));  // as Kubernetes replaces a mounted secret
  watcher_.Poll();
  EXPECT_EQ(text_, "two");
}

TEST_F(FileWatcherTest, ItsThreadLooksByItself) {
  Write("file", "one");
  std::mutex mutex;
  std::condition_variable came;
  int loads = 0;
  ASSERT_TRUE(watcher_
                  .Watch("a file", {Path("file")},
                         [&] {
                           const std::lock_guard lock(mutex);
                           ++loads;
                           came.notify_all();
                           return absl::OkStatus();
                         })
                  .ok());
  watcher_.Start();
  Write("file", "another");
  std::unique_lock lock(mutex);
  EXPECT_TRUE(came.wait_for(lock, std::chrono::seconds(30), [&] { return loads > 1; }));
}

TEST_F(FileWatcherTest, TheFirstLoadsErrorIsTheCallers) {
  EXPECT_EQ(Watch("none").code(), absl::StatusCode::kNotFound);
  watcher_.Poll();
  EXPECT_EQ(loads_, 1);  // it is not watched
}

}  // namespace
}  // namespace verdict
