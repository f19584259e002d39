#include "security/certificates.h"

#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openssl/pem.h"
#include "security/certificate_names.h"
#include "security/testing/make_certificate.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class CertificatesTest : public ::testing::Test {
 protected:
  void Write(const std::string& path, const std::string& text) { std::ofstream(path) << text; }
  void WritePair(const MadeCertificate& made) {
    Write(files_.chain, made.certificate);
    Write(files_.key, made.key);
  }
  std::string Failure() const { return std::string(ReadCertificates(files_).status().message()); }

  TempDirectory folder_;
  CertificateFiles files_{(folder_.path() / "chain.pem").string(), (folder_.path() / "key.pem").string(), ""};
};

TEST_F(CertificatesTest, ReadsAPairAndUntilWhenItIsValid) {
  const MadeCertificate made = MakeCertificate({});
  WritePair(made);
  const auto read = ReadCertificates(files_);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_EQ(read->chain, made.certificate);
  EXPECT_LT(absl::AbsDuration(read->not_after - absl::Now() - absl::Hours(24)), absl::Minutes(1));
}

TEST_F(CertificatesTest, SaysWhichFileIsWrongAndWhy) {
  const MadeCertificate made = MakeCertificate({});
  WritePair(made);
  Write(files_.key, MakeCertificate({}).key);
  EXPECT_THAT(Failure(), HasSubstr("key.pem: it is not the key of the certificate in"));
  Write(files_.key, "no key");
  EXPECT_THAT(Failure(), HasSubstr("key.pem: there is no private key in PEM"));
  WritePair({"no certificate", made.key});
  EXPECT_THAT(Failure(), HasSubstr("chain.pem: there is no certificate in PEM"));
  WritePair({made.certificate + made.certificate.substr(0, made.certificate.size() / 2), made.key});
  EXPECT_THAT(Failure(), HasSubstr("chain.pem: a certificate in it is damaged"));
  WritePair(made);
  files_.authority = (folder_.path() / "none.pem").string();
  EXPECT_THAT(Failure(), HasSubstr("none.pem"));
  files_.key.clear();
  EXPECT_THAT(Failure(), HasSubstr("together"));
}

TEST_F(CertificatesTest, ANewPairThatIsBadOrExpiredLeavesTheOldOneInUse) {
  const MadeCertificate first = MakeCertificate({});
  WritePair(first);
  FileWatcher watcher(absl::Seconds(1));
  const auto store = CertificateStore::Open(files_, "certificates", watcher);
  ASSERT_TRUE(store.ok()) << store.status();
  const auto in_use = (*store)->current();
  Write(files_.key, MakeCertificate({}).key);  // the moment between the writing of one file and that of the other
  watcher.Poll();
  EXPECT_EQ((*store)->current(), in_use);
  WritePair(MakeCertificate({.valid_from_s = -7200, .valid_for_s = -3600}));
  watcher.Poll();
  EXPECT_EQ((*store)->current(), in_use);
  const MadeCertificate second = MakeCertificate({});
  WritePair(second);
  watcher.Poll();
  EXPECT_EQ((*store)->current()->chain, second.certificate);
}

TEST_F(CertificatesTest, AnExpiredPairStartsAllTheSame) {
  WritePair(MakeCertificate({.valid_from_s = -7200, .valid_for_s = -3600}));
  FileWatcher watcher(absl::Seconds(1));
  EXPECT_TRUE(CertificateStore::Open(files_, "certificates", watcher).ok());
}

TEST(CertificateNamesTest, TellsTheNamesThatACertificateProves) {
  const MadeCertificate made = MakeCertificate(
      {.common_name = "billing", .alternative_names = "DNS:billing.example,URI:spiffe://example/billing,email:a@example"});
  const BioPtr bio(BIO_new_mem_buf(made.certificate.data(), static_cast<int>(made.certificate.size())));
  const X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  EXPECT_THAT(NamesOf(*certificate),
              ElementsAre("dns:billing.example", "uri:spiffe://example/billing", "email:a@example", "cn:billing"));
}

TEST(CertificateNamesTest, FindsTheFirstNameThatHasALine) {
  const auto names = CertificateNames::Parse("# ours\nuri:spiffe://example/a  inference\ncn:root *\n");
  ASSERT_TRUE(names.ok()) << names.status();
  EXPECT_EQ(names->Find({"dns:x", "uri:spiffe://example/a", "cn:root"})->name, "uri:spiffe://example/a");
  EXPECT_EQ(names->Find({"dns:x"}), nullptr);
  EXPECT_FALSE(CertificateNames::Parse("billing inference").ok());
  EXPECT_FALSE(CertificateNames::Parse("cn:a inference\ncn:a docs").ok());
}

}  // namespace
}  // namespace verdict
