#pragma once

#include <memory>
#include <string>
#include <utility>

#include "absl/status/statusor.h"
#include "security/file_watcher.h"
#include "security/reloadable.h"

namespace verdict {

// A secret of one line, as it stands in its file now. Thread-safe.
class SecretFile {
 public:
  // The file is watched. Errors name it, and never show the secret.
  static absl::StatusOr<std::shared_ptr<const SecretFile>> Open(const std::string& path, const std::string& what,
                                                                FileWatcher& watcher);
  // One that never changes.
  static std::shared_ptr<const SecretFile> Of(std::string secret);

  std::shared_ptr<const std::string> current() const { return secret_.get(); }

 private:
  Reloadable<std::string> secret_;
};

}  // namespace verdict
