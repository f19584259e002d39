#include "security/file_permissions.h"

#include <sys/stat.h>

#include "common/logging.h"

namespace verdict {

std::string PermissionProblem(const std::string& path, FileKind kind) {
  struct stat found = {};
  if (stat(path.c_str(), &found) != 0) return "";
  if ((found.st_mode & S_IWOTH) != 0) return "everybody on this machine may write it";
  if (kind == FileKind::kSecret && (found.st_mode & S_IROTH) != 0)
    return "everybody on this machine may read it: it should have mode 0600 or 0640";
  return "";
}

void WarnOfPermissions(const std::string& path, FileKind kind) {
  const std::string problem = PermissionProblem(path, kind);
  if (!problem.empty()) LogWarning("a file of security is open to others", {{"file", path}, {"problem", problem}});
}

}  // namespace verdict
