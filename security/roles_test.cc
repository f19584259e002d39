#include "security/roles.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

TEST(RolesTest, ReadsNamesInAnyOrderAndAllOfThem) {
  const auto roles = ParseRoles("docs,inference");
  ASSERT_TRUE(roles.ok()) << roles.status();
  EXPECT_TRUE(roles->Has(Role::kInference));
  EXPECT_TRUE(roles->Has(Role::kDocs));
  EXPECT_FALSE(roles->Has(Role::kAdmin));
  EXPECT_EQ(*ParseRoles("*"), Roles::All());
  EXPECT_EQ(*ParseRoles("inference,models-read,admin,metrics,docs,delegate"), Roles::All());
  EXPECT_TRUE(ParseRoles("")->empty());
}

TEST(RolesTest, RefusesWhatIsNone) {
  EXPECT_THAT(std::string(ParseRoles("inference,root").status().message()), ::testing::HasSubstr("\"root\" is no role"));
  EXPECT_FALSE(ParseRoles("*,inference").ok());
  EXPECT_FALSE(ParseRoles("Admin").ok());
  EXPECT_THAT(std::string(ParseRoles("a\x01\x7F").status().message()), ::testing::StartsWith("\"a  \" is no role"));
}

TEST(RolesTest, EveryNameIsFoundAgain) {
  for (const Role role : {Role::kInference, Role::kModelsRead, Role::kAdmin, Role::kMetrics, Role::kDocs, Role::kDelegate}) {
    Role found = Role::kAdmin;
    EXPECT_TRUE(FindRole(RoleName(role), found));
    EXPECT_EQ(found, role);
  }
}

}  // namespace
}  // namespace verdict
