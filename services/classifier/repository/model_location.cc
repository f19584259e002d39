#include "services/classifier/repository/model_location.h"

#include <algorithm>
#include <array>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/utf8.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;

constexpr size_t kLongestName = 256;   // characters
constexpr size_t kLongestPath = 4096;  // bytes, as Linux has it
constexpr int kMostFiles = 10'000;     // of a model directory that a caller names

bool HasConfig(const fs::path& directory) {
  std::error_code error;
  return fs::is_regular_file(directory / "config.json", error);
}

size_t Characters(const std::string& text) {
  return static_cast<size_t>(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xC0) != 0x80; }));
}

bool IsBelow(const fs::path& root, const fs::path& path) {
  return std::mismatch(root.begin(), root.end(), path.begin(), path.end()).first == root.end() && path != root;
}

// What an operator would not see in a log, or would see as something else: controls (C0, DEL, C1), ends of lines, and marks that
// turn the direction of text (Unicode's Bidi_Control). `text` is UTF-8.
bool HasUnseenCharacters(const std::string& text) {
  static constexpr std::array<std::string_view, 14> kUnseen = {"\u200E", "\u200F", "\u061C", "\u2028", "\u2029",
                                                               "\u202A", "\u202B", "\u202C", "\u202D", "\u202E",
                                                               "\u2066", "\u2067", "\u2068", "\u2069"};
  for (size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x20 || byte == 0x7F) return true;
    if (byte == 0xC2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xA0) return true;
  }
  return std::any_of(kUnseen.begin(), kUnseen.end(), [&](std::string_view mark) { return text.find(mark) != std::string::npos; });
}

// Whether a model directory has a link, at any depth, that leads out of `root`.
bool LeadsElsewhere(const fs::path& directory, const fs::path& root) {
  std::error_code error;
  int seen = 0;
  for (auto entry = fs::recursive_directory_iterator(directory, error); !error && entry != fs::recursive_directory_iterator();
       entry.increment(error)) {
    if (++seen > kMostFiles) return true;
    if (!entry->is_symlink(error)) continue;
    const fs::path target = fs::canonical(entry->path(), error);
    if (error || !IsBelow(root, target)) return true;
  }
  return static_cast<bool>(error);
}

}  // namespace

absl::Status CheckModelName(const std::string& name) {
  if (name.empty() || Characters(name) > kLongestName)
    return absl::InvalidArgumentError(absl::StrCat("name: expected 1 to ", kLongestName, " characters"));
  if (FindInvalidUtf8(name)) return absl::InvalidArgumentError("name: expected UTF-8");
  if (HasUnseenCharacters(name)) return absl::InvalidArgumentError("name: it has characters that cannot be seen");
  return absl::OkStatus();
}

absl::StatusOr<std::vector<ModelLocation>> ParseModels(const std::vector<std::string>& entries) {
  std::vector<ModelLocation> models;
  std::set<std::string> names;
  for (const std::string& entry : entries) {
    const size_t equals = entry.find('=');
    const auto bad = [&entry](const char* problem) {
      return absl::InvalidArgumentError(absl::StrCat("--models: \"", Shortened(entry), "\": ", problem));
    };
    if (equals == std::string::npos || equals == 0 || equals + 1 == entry.size()) return bad("expected name=directory");
    const std::string name = entry.substr(0, equals);
    if (!CheckModelName(name).ok() || absl::StrContains(name, "/"))
      return bad("the name has a slash, unseen characters, or more than 256 characters");
    if (!names.insert(name).second) return bad("there is another model of that name");
    models.push_back({name, WithConfig(entry.substr(equals + 1))});
  }
  return models;
}

absl::StatusOr<std::vector<ModelLocation>> FindModels(const fs::path& folder) {
  std::error_code error;
  std::vector<ModelLocation> models;
  for (auto entry = fs::directory_iterator(folder, error); !error && entry != fs::directory_iterator(); entry.increment(error)) {
    const fs::path directory = WithConfig(entry->path());
    if (HasConfig(directory)) models.push_back({entry->path().filename().string(), directory});
  }
  if (error) return absl::NotFoundError(absl::StrCat(folder.string(), ": ", error.message()));
  if (models.empty()) {
    return absl::NotFoundError(
        absl::StrCat(folder.string(), ": none of its sub-directories holds config.json or model/config.json"));
  }
  std::sort(models.begin(), models.end(), [](const auto& a, const auto& b) { return a.name < b.name; });
  return models;
}

fs::path WithConfig(const fs::path& directory) {
  return !HasConfig(directory) && HasConfig(directory / "model") ? directory / "model" : directory;
}

absl::StatusOr<fs::path> ResolveBelow(const fs::path& root, const std::string& path) {
  if (path.size() > kLongestPath || !absl::StartsWith(path, "/") || absl::StrContains(path, absl::string_view("\0", 1))) {
    return absl::InvalidArgumentError("path: expected the absolute path of a model directory");
  }
  std::error_code error;
  const fs::path top = fs::weakly_canonical(root, error);
  const auto denied = [&root] {
    return absl::PermissionDeniedError(
        absl::StrCat("path: models are loaded from below ", root.string(), " only (--models-root)"));
  };
  const fs::path resolved = error ? fs::path() : fs::weakly_canonical(path, error).lexically_normal();
  if (error || !IsBelow(top, resolved)) return denied();
  if (!fs::is_directory(resolved, error)) return absl::NotFoundError(absl::StrCat(Shortened(path), ": no such model directory"));
  const fs::path found = fs::weakly_canonical(WithConfig(resolved), error);
  if (error || !IsBelow(top, found) || LeadsElsewhere(found, top)) return denied();
  return found;
}

}  // namespace verdict
