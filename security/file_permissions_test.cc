#include "security/file_permissions.h"

#include <sys/stat.h>

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FilePermissionsTest : public ::testing::Test {
 protected:
  std::string Problem(mode_t mode, FileKind kind) {
    std::ofstream(path_) << "x";
    chmod(path_.c_str(), mode);
    return PermissionProblem(path_, kind);
  }

  TempDirectory folder_;
  const std::string path_ = (folder_.path() / "file").string();
};

TEST_F(FilePermissionsTest, ASecretIsForItsOwnerAndGroup) {
  EXPECT_THAT(Problem(0600, FileKind::kSecret), IsEmpty());
  EXPECT_THAT(Problem(0440, FileKind::kSecret), IsEmpty());
  EXPECT_THAT(Problem(0644, FileKind::kSecret), HasSubstr("may read it"));
}

TEST_F(FilePermissionsTest, RulesMayBeReadAndNotWritten) {
  EXPECT_THAT(Problem(0644, FileKind::kRules), IsEmpty());
  EXPECT_THAT(Problem(0646, FileKind::kRules), HasSubstr("may write it"));
  EXPECT_THAT(Problem(0646, FileKind::kSecret), HasSubstr("may write it"));
}

TEST_F(FilePermissionsTest, OfAFileThatIsMissingNothingIsSaid) {
  EXPECT_THAT(PermissionProblem(path_, FileKind::kSecret), IsEmpty());
}

}  // namespace
}  // namespace verdict
