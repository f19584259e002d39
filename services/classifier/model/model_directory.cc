#include "services/classifier/model/model_directory.h"

#include <system_error>

#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
#include "common/json_file.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;

constexpr uint64_t kMaxMetadataBytes = 64 << 20;  // its label_mapping is as long as id2label

struct WeightFile {
  const char* name;
  ModelDirectory::Format format;
};
constexpr WeightFile kWeightFiles[] = {
    {"model.safetensors", ModelDirectory::Format::kSafetensors},
    {"model.safetensors.index.json", ModelDirectory::Format::kShardedSafetensors},
    {"model.pt", ModelDirectory::Format::kTorchScript},
};

absl::Status CheckDirectory(const fs::path& path) {
  std::error_code error;
  const fs::file_status status = fs::status(path, error);
  if (status.type() == fs::file_type::not_found)
    return absl::NotFoundError(absl::StrCat(path.string(), ": no such model directory"));
  if (error) return absl::InvalidArgumentError(absl::StrCat(path.string(), ": ", error.message()));
  if (!fs::is_directory(status)) return absl::InvalidArgumentError(absl::StrCat(path.string(), ": is no directory"));
  return absl::OkStatus();
}

absl::StatusOr<WeightFile> FindWeights(const fs::path& path) {
  std::error_code ignored;
  for (const WeightFile& file : kWeightFiles) {
    const fs::file_status status = fs::status(path / file.name, ignored);
    if (!fs::exists(status)) continue;
    if (fs::is_regular_file(status)) return file;
    return absl::InvalidArgumentError(absl::StrCat((path / file.name).string(), ": is no regular file"));
  }
  for (const char* pickled : {"pytorch_model.bin", "pytorch_model.bin.index.json"}) {
    if (fs::exists(path / pickled, ignored)) {
      return absl::InvalidArgumentError(
          absl::StrCat((path / pickled).string(),
                       ": pickled weights can run code and are not read; save the model again with "
                       "save_pretrained(…, safe_serialization=True), which writes model.safetensors"));
    }
  }
  return absl::NotFoundError(absl::StrCat(path.string(), ": holds neither model.safetensors nor model.pt"));
}

// metadata.json is optional, and its version may be a string or a number.
absl::StatusOr<std::string> ReadVersion(const fs::path& path) {
  const absl::StatusOr<JsonFile> file = JsonFile::Read(path / "metadata.json", kMaxMetadataBytes);
  if (absl::IsNotFound(file.status())) return std::string("1");
  if (!file.ok()) return file.status();
  const boost::json::value* version = file->Find("version");
  if (version == nullptr) return std::string("1");
  if (version->is_string()) return std::string(version->get_string());
  if (version->is_number()) return boost::json::serialize(*version);
  return file->Error("version", "expected a string or a number");
}

}  // namespace

absl::StatusOr<ModelDirectory> ModelDirectory::Read(const fs::path& path) {
  if (absl::Status status = CheckDirectory(path); !status.ok()) return status;
  auto config = ModelConfig::Read(path / "config.json");
  if (!config.ok()) return config.status();
  const auto weights = FindWeights(path);
  if (!weights.ok()) return weights.status();
  auto version = ReadVersion(path);
  if (!version.ok()) return version.status();
  return ModelDirectory{path, weights->format, path / weights->name, *std::move(config), *std::move(version)};
}

}  // namespace verdict
