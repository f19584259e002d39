#include "security/access.h"

#include <filesystem>
#include <fstream>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using Code = absl::StatusCode;

class AccessTest : public ::testing::Test {
 protected:
  void WriteKeys(const std::string& text) { std::ofstream(path_) << text; }
  static std::string Line(const std::string& name, const std::string& roles, const std::string& key) {
    return absl::StrCat(name, " ", roles, " sha256:", Sha256Hex(key), "\n");
  }
  void Open(Access::Options options) {
    auto access = Access::Create(std::move(options), watcher_);
    ASSERT_TRUE(access.ok()) << access.status();
    access_ = *std::move(access);
  }
  Code Try(const Credentials& credentials, Role role = Role::kInference) {
    decision_ = access_->Decide(credentials, role);
    return decision_.status.code();
  }

  TempDirectory folder_;
  const std::string path_ = (folder_.path() / "keys").string();
  FileWatcher watcher_{absl::Seconds(1)};
  std::shared_ptr<const Access> access_;
  Access::Decision decision_;
};

TEST_F(AccessTest, WithoutConfigurationEverybodyMayDoEverything) {
  Open({.gateway_key_hash = Sha256Hex("ours")});
  EXPECT_FALSE(access_->restricted());
  EXPECT_EQ(Try({}, Role::kAdmin), Code::kOk);
  EXPECT_EQ(Try({.api_key = "whatever"}, Role::kAdmin), Code::kOk);
}

TEST_F(AccessTest, AKeyIsTakenFromEitherPlaceAndTheRoleDecides) {
  WriteKeys(Line("alice", "inference", "k1"));
  Open({.api_keys_file = path_});
  EXPECT_EQ(Try({.api_key = "k1"}), Code::kOk);
  EXPECT_EQ(decision_.caller, "alice");
  EXPECT_EQ(Try({.authorization = "Bearer k1"}), Code::kOk);
  EXPECT_EQ(Try({.authorization = "bEARER   k1"}), Code::kOk);
  EXPECT_EQ(Try({.api_key = "k1"}, Role::kAdmin), Code::kPermissionDenied);
  EXPECT_EQ(decision_.caller, "alice");
}

TEST_F(AccessTest, RefusalsSayTheSameWhateverIsWrong) {
  WriteKeys(Line("alice", "inference", "k1"));
  Open({.api_keys_file = path_});
  const std::string long_key(513, 'k');
  for (const Credentials& wrong : {Credentials{.api_key = "k2"}, Credentials{.api_key = ""}, Credentials{.api_key = long_key},
                                   Credentials{.authorization = "Basic azE="}, Credentials{.authorization = "Bearer k2"},
                                   Credentials{.authorization = "Bearer "}, Credentials{.authorization = "k1"},
                                   Credentials{.api_key = "k2", .authorization = "Bearer k1"}}) {
    EXPECT_EQ(Try(wrong), Code::kUnauthenticated);
    EXPECT_EQ(decision_.status.message(), "the credential is not valid");
    EXPECT_TRUE(decision_.presented);
    EXPECT_TRUE(decision_.caller.empty());
  }
  EXPECT_EQ(Try({}), Code::kUnauthenticated);
  EXPECT_FALSE(decision_.presented);
}

TEST_F(AccessTest, BearerAndNothingButSpacesIsNoCredentialThatCounts) {
  WriteKeys(Line("alice", "inference", "k1"));
  Open({.api_keys_file = path_});
  for (const size_t spaces : {1, 2, 5, 1000}) {
    const std::string authorization = "Bearer" + std::string(spaces, ' ');
    EXPECT_EQ(Try({.authorization = authorization}), Code::kUnauthenticated);
    EXPECT_EQ(decision_.reason, "an Authorization that is no Bearer") << spaces;
  }
}

TEST_F(AccessTest, AKeyThatIsRemovedFromTheFileCountsNoMore) {
  WriteKeys(Line("alice", "inference", "k1") + Line("bob", "inference", "k2"));
  Open({.api_keys_file = path_});
  WriteKeys(Line("bob", "inference", "k2"));
  watcher_.Poll();
  EXPECT_EQ(Try({.api_key = "k1"}), Code::kUnauthenticated);
  EXPECT_EQ(Try({.api_key = "k2"}), Code::kOk);
  WriteKeys("nonsense");
  watcher_.Poll();
  EXPECT_EQ(Try({.api_key = "k2"}), Code::kOk);
}

TEST_F(AccessTest, TheGatewayOfServeMayDoEverythingWithItsKey) {
  WriteKeys(Line("alice", "inference", "k1"));
  Open({.api_keys_file = path_, .gateway_key_hash = Sha256Hex("ours")});
  EXPECT_EQ(Try({.api_key = "ours"}, Role::kAdmin), Code::kOk);
  EXPECT_EQ(decision_.caller, "gateway");
}

TEST_F(AccessTest, ACertificateIsACredentialUnlessAnotherIsShown) {
  WriteKeys(Line("alice", "inference", "k1"));
  const std::string names_path = (folder_.path() / "names").string();
  std::ofstream(names_path) << "cn:ops *\n";
  Open({.api_keys_file = path_,
        .certificates = true,
        .client_certificates_file = names_path,
        .certificate_roles = *ParseRoles("inference")});
  const std::vector<std::string> ops = {"dns:ops.example", "cn:ops"};
  const std::vector<std::string> other = {"cn:other"};
  const std::vector<std::string> nameless;
  EXPECT_EQ(Try({.certificate = &ops}, Role::kAdmin), Code::kOk);
  EXPECT_EQ(decision_.caller, "cn:ops");
  EXPECT_EQ(Try({.certificate = &other}), Code::kOk);
  EXPECT_EQ(Try({.certificate = &other}, Role::kAdmin), Code::kPermissionDenied);
  EXPECT_EQ(Try({.certificate = &nameless}), Code::kOk);
  EXPECT_EQ(Try({.api_key = "wrong", .certificate = &ops}, Role::kAdmin), Code::kUnauthenticated);
  EXPECT_EQ(Try({}), Code::kUnauthenticated);
}

// Whose turn it is goes by this name, so that nobody can be another, or many.
TEST_F(AccessTest, WhoseRequestItIsOnlyADelegateCanSay) {
  WriteKeys(Line("alice", "inference", "k1") + Line("proxy", "inference,delegate", "k2") + Line("all", "*", "k3"));
  Open({.api_keys_file = path_,
        .certificates = true,
        .certificate_roles = *ParseRoles("inference"),
        .anonymous_roles = *ParseRoles("inference")});
  Try({.api_key = "k1", .client_id = "bob"});
  EXPECT_EQ(decision_.client, "alice");
  for (const char* key : {"k2", "k3"}) {
    Try({.api_key = key, .client_id = "bob"});
    EXPECT_EQ(decision_.client, "bob");
  }
  Try({.api_key = "k2"});
  EXPECT_EQ(decision_.client, "proxy");
  EXPECT_EQ(decision_.caller, "proxy");
  for (const std::string& unusable : {std::string(), std::string("b b"), std::string("b\n"), std::string(129, 'b')}) {
    Try({.api_key = "k2", .client_id = unusable});
    EXPECT_EQ(decision_.client, "proxy") << unusable;
  }
  Try({.client_id = "bob"});
  EXPECT_EQ(decision_.client, "") << "nobody is known: its address counts";
  Try({.api_key = "k1", .client_id = "bob"}, Role::kAdmin);
  EXPECT_EQ(decision_.client, "");
}

TEST_F(AccessTest, ANameThatCannotBePassedOnIsReplacedByItsHash) {
  Open({.certificates = true, .certificate_roles = *ParseRoles("inference")});
  const std::vector<std::string> odd = {"cn:a b"};
  const std::vector<std::string> other = {"cn:a c"};
  Try({.certificate = &odd});
  const std::string client = decision_.client;
  EXPECT_EQ(client.size(), 17U);
  EXPECT_EQ(client.front(), '#');
  Try({.certificate = &other});
  EXPECT_NE(decision_.client, client);
}

// An editor that empties the file first and then writes it would shut everybody out.
TEST_F(AccessTest, AnEmptyFileLeavesTheKeysInUseAndOneWithACommentDoesNot) {
  WriteKeys(Line("alice", "inference", "k1"));
  Open({.api_keys_file = path_});
  for (const char* half_written : {"", "\n"}) {
    WriteKeys(half_written);
    watcher_.Poll();
    EXPECT_EQ(Try({.api_key = "k1"}), Code::kOk);
  }
  WriteKeys("# nobody\n");
  watcher_.Poll();
  EXPECT_EQ(Try({.api_key = "k1"}), Code::kUnauthenticated);
}

TEST_F(AccessTest, AnonymousCallersMayDoWhatTheOperatorSays) {
  WriteKeys(Line("alice", "inference", "k1"));
  Open({.api_keys_file = path_, .anonymous_roles = *ParseRoles("metrics")});
  EXPECT_EQ(Try({}, Role::kMetrics), Code::kOk);
  EXPECT_EQ(Try({}), Code::kUnauthenticated);
  EXPECT_EQ(Try({.api_key = "k1"}, Role::kMetrics), Code::kPermissionDenied);
}

TEST_F(AccessTest, AFileThatIsMissingOrWrongIsNamed) {
  EXPECT_EQ(Access::Create({.api_keys_file = path_}, watcher_).status().code(), Code::kNotFound);
  WriteKeys("nonsense");
  const auto failed = Access::Create({.api_keys_file = path_}, watcher_);
  EXPECT_NE(std::string(failed.status().message()).find(path_ + ": line 1"), std::string::npos) << failed.status();
}

}  // namespace
}  // namespace verdict
