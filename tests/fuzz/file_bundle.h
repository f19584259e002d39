#pragma once

#include <algorithm>
#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "tests/fuzz/fuzz_target.h"
#include "tests/support/temp_directory.h"

namespace verdict {

// A directory whose files an input holds, one behind the other, each after a line "=== name". Other names than those expected are
// left out.
class FileBundle {
 public:
  explicit FileBundle(std::vector<std::string> names) : names_(std::move(names)) {}

  const std::filesystem::path& path() const { return directory_.path(); }

  // Replaces the files.
  void Write(std::string_view bytes) const {
    for (const std::string& name : names_) std::filesystem::remove(path() / name);
    while (!bytes.empty()) {
      size_t end = bytes.find("\n=== ", 1);
      end = end == std::string_view::npos ? bytes.size() : end + 1;
      FuzzInput section(bytes.substr(0, end));
      bytes.remove_prefix(end);
      const std::string_view title = section.Line();
      if (!title.starts_with(kMark)) continue;
      const std::string name(title.substr(kMark.size()));
      if (std::find(names_.begin(), names_.end(), name) != names_.end()) directory_.Write(name, std::string(section.Rest()));
    }
  }

 private:
  static constexpr std::string_view kMark = "=== ";

  const std::vector<std::string> names_;
  const TempDirectory directory_;
};

}  // namespace verdict
