#include "security/secret_file.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "common/json_file.h"
#include "security/file_permissions.h"

namespace verdict {
namespace {

constexpr size_t kLongest = 4096;

absl::StatusOr<std::string> Read(const std::string& path) {
  auto text = ReadFile(path, kLongest);
  if (!text.ok()) return text.status();
  std::string secret(absl::StripAsciiWhitespace(*text));
  const bool visible = std::all_of(secret.begin(), secret.end(), [](char c) { return c > 0x20 && c < 0x7F; });
  if (secret.empty() || !visible)
    return absl::InvalidArgumentError(absl::StrCat(path, ": expected one line of visible characters without spaces"));
  return secret;
}

}  // namespace

absl::StatusOr<std::shared_ptr<const SecretFile>> SecretFile::Open(const std::string& path, const std::string& what,
                                                                   FileWatcher& watcher) {
  const auto file = std::make_shared<SecretFile>();
  const absl::Status status = watcher.Watch(what, {path}, [file, path] {
    auto secret = Read(path);
    if (!secret.ok()) return secret.status();
    WarnOfPermissions(path, FileKind::kSecret);
    file->secret_.Set(*std::move(secret));
    return absl::OkStatus();
  });
  if (!status.ok()) return status;
  return file;
}

std::shared_ptr<const SecretFile> SecretFile::Of(std::string secret) {
  const auto file = std::make_shared<SecretFile>();
  file->secret_.Set(std::move(secret));
  return file;
}

}  // namespace verdict
