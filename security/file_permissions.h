#pragma once

#include <string>

namespace verdict {

// What a file holds, and so who may do what with it.
enum class FileKind {
  kSecret,  // nobody else may read it, nor write
  kRules,   // nobody else may write it: whoever can gives himself rights
};

// What is wrong with the rights of a file, for a warning; empty where nothing is, or it cannot be looked at. The group is left
// alone: containers get their files by it.
std::string PermissionProblem(const std::string& path, FileKind kind);

// Logs it as a warning, where there is any.
void WarnOfPermissions(const std::string& path, FileKind kind);

}  // namespace verdict
