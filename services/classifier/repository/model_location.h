#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "absl/status/statusor.h"

namespace verdict {

// A model and where it lies.
struct ModelLocation {
  std::string name;
  std::filesystem::path directory;  // with config.json in it, where there is one
};

// The models that --models names, each "name=directory". Errors: kInvalidArgument that names the entry: no such form, a name of
// more than 256 characters or with a slash, or given twice.
absl::StatusOr<std::vector<ModelLocation>> ParseModels(const std::vector<std::string>& entries);

// The models in a folder: every sub-directory that holds config.json, or model/config.json, under its own name; sorted. Errors:
// kNotFound when there is no such folder, or no model in it.
absl::StatusOr<std::vector<ModelLocation>> FindModels(const std::filesystem::path& folder);

// The directory itself, or its sub-directory "model" where only that holds a config.json.
std::filesystem::path WithConfig(const std::filesystem::path& directory);

// 1 to 256 characters that can be seen, in UTF-8. Error: kInvalidArgument.
absl::Status CheckModelName(const std::string& name);

// Where a caller's `path` leads, links and ".." resolved, which must be below `root` as that is resolved, with all
// that links in it lead to; see WithConfig. Who can write below the root can change that a moment later: nobody else should be
// able to. Errors:
//   kInvalidArgument   no absolute path
//   kPermissionDenied  elsewhere; whether anything is there is not told
//   kNotFound          there is no such directory
absl::StatusOr<std::filesystem::path> ResolveBelow(const std::filesystem::path& root, const std::string& path);

}  // namespace verdict
