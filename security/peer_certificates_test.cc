#include "security/peer_certificates.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "security/testing/make_certificate.h"
#include "security/wall_clock.h"

namespace verdict {
namespace {

using testing::ElementsAre;

TEST(PeerCertificatesTest, ReadsTheFirstCertificate) {
  const MadeCertificate first = MakeCertificate({.common_name = "first", .alternative_names = ""});
  const MadeCertificate second = MakeCertificate({.common_name = "second", .alternative_names = ""});
  PeerCertificates certificates;
  EXPECT_THAT(certificates.Read(first.certificate + second.certificate)->names, ElementsAre("cn:first"));
  EXPECT_THAT(certificates.Read(second.certificate)->names, ElementsAre("cn:second"));
}

TEST(PeerCertificatesTest, TellsWhenItExpires) {
  PeerCertificates certificates;
  const auto read = certificates.Read(MakeCertificate({.valid_for_s = 7200}).certificate);
  EXPECT_LT(absl::AbsDuration(read->not_after - WallNow() - absl::Hours(2)), absl::Minutes(1));
}

TEST(PeerCertificatesTest, WhatIsNoCertificateIsNotRead) {
  PeerCertificates certificates;
  EXPECT_EQ(certificates.Read("no certificate"), nullptr);
  EXPECT_EQ(certificates.Read(""), nullptr);
}

TEST(PeerCertificatesTest, ReadsACertificateOnceAndKeepsNoMoreThanItMay) {
  const std::string certificate = MakeCertificate({}).certificate;
  PeerCertificates certificates;
  const auto read = certificates.Read(certificate);
  EXPECT_EQ(certificates.Read(certificate), read);
  for (size_t i = 0; i < PeerCertificates::kMost; ++i) certificates.Read(absl::StrCat("another ", i));
  EXPECT_NE(certificates.Read(certificate), read);
}

}  // namespace
}  // namespace verdict
