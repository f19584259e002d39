#include "security/security_metrics.h"

#include <cstdlib>
#include <fstream>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "security/api_keys.h"
#include "security/testing/make_certificate.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using testing::HasSubstr;
using testing::Not;

class SecurityMetricsTest : public testing::Test {
 protected:
  void Write(const std::string& name, const std::string& text) { std::ofstream(folder_.path() / name) << text; }
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  std::string Text(const Security& security) {
    MetricRegistry registry;
    AddSecurityMetrics(registry, "me", security);
    return registry.Write(MetricFormat::kText);
  }

  const TempDirectory folder_;
};

TEST_F(SecurityMetricsTest, CountsWhoIsRefusedAndWhy) {
  const std::string key = "the-key-of-an-app";
  Write("keys", "app inference sha256:" + Sha256Hex(key) + "\n");
  auto security = OpenSecurity({.api_keys_file = Path("keys")});
  ASSERT_TRUE(security.ok()) << security.status();
  EXPECT_THAT(Text(*security), HasSubstr("verdict_refused_credentials_total{process=\"me\",reason=\"role_missing\"} 0\n"));
  EXPECT_FALSE(security->access->Decide({}, Role::kInference).status.ok());
  EXPECT_FALSE(security->access->Decide({.api_key = "wrong"}, Role::kInference).status.ok());
  EXPECT_FALSE(security->access->Decide({.api_key = "wrong"}, Role::kInference).status.ok());
  EXPECT_TRUE(security->access->Decide({.api_key = key}, Role::kInference).status.ok());
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(security->access->Decide({.api_key = key}, Role::kAdmin).status.ok());
  const std::string text = Text(*security);
  EXPECT_THAT(text, HasSubstr("verdict_refused_credentials_total{process=\"me\",reason=\"none\"} 1\n"));
  EXPECT_THAT(text, HasSubstr("verdict_refused_credentials_total{process=\"me\",reason=\"not_valid\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("verdict_refused_credentials_total{process=\"me\",reason=\"role_missing\"} 3\n"));
  EXPECT_THAT(text, Not(HasSubstr("verdict_certificate_expiry_timestamp_seconds{"))) << "it has none";
}

TEST_F(SecurityMetricsTest, CountsReloads) {
  Write("keys", "# nobody yet\n");
  auto security = OpenSecurity({.api_keys_file = Path("keys")});
  ASSERT_TRUE(security.ok()) << security.status();
  for (const char* text : {"nonsense\n", "more nonsense\n", "# nobody\n"}) {
    Write("keys", text);
    security->files->Poll();
  }
  const std::string text = Text(*security);
  EXPECT_THAT(text, HasSubstr("verdict_file_reloads_total{process=\"me\",result=\"failed\"} 2\n"));
  EXPECT_THAT(text, HasSubstr("verdict_file_reloads_total{process=\"me\",result=\"loaded\"} 1\n"));
}

TEST_F(SecurityMetricsTest, TellsWhenTheCertificateExpires) {
  const MadeCertificate made = MakeCertificate({.valid_for_s = 1000});
  Write("chain", made.certificate);
  Write("key", made.key);
  auto security = OpenSecurity({.tls_cert = Path("chain"), .tls_key = Path("key")});
  ASSERT_TRUE(security.ok()) << security.status();
  const int64_t expiry = absl::ToUnixSeconds(security->certificates->current()->not_after);
  EXPECT_NEAR(static_cast<double>(expiry), static_cast<double>(absl::ToUnixSeconds(absl::Now())) + 1000, 60);
  const std::string text = Text(*security);
  const std::string series = "verdict_certificate_expiry_timestamp_seconds{process=\"me\"} ";
  const size_t at = text.find("\n" + series);
  ASSERT_NE(at, std::string::npos) << text;
  EXPECT_EQ(std::strtod(text.c_str() + at + 1 + series.size(), nullptr), static_cast<double>(expiry));
}

}  // namespace
}  // namespace verdict
