#include "security/pem_names.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "security/testing/make_certificate.h"

namespace verdict {
namespace {

using testing::ElementsAre;

TEST(PemNamesTest, ReadsTheFirstCertificate) {
  const MadeCertificate first = MakeCertificate({.common_name = "first", .alternative_names = ""});
  const MadeCertificate second = MakeCertificate({.common_name = "second", .alternative_names = ""});
  PemNames names;
  EXPECT_THAT(*names.Of(first.certificate + second.certificate), ElementsAre("cn:first"));
  EXPECT_THAT(*names.Of(second.certificate), ElementsAre("cn:second"));
}

TEST(PemNamesTest, WhatIsNoCertificateHasNone) {
  PemNames names;
  EXPECT_EQ(names.Of("no certificate"), nullptr);
  EXPECT_EQ(names.Of(""), nullptr);
}

TEST(PemNamesTest, ReadsACertificateOnceAndKeepsNoMoreThanItMay) {
  const std::string certificate = MakeCertificate({}).certificate;
  PemNames names;
  const auto read = names.Of(certificate);
  EXPECT_EQ(names.Of(certificate), read);
  for (size_t i = 0; i < PemNames::kMost; ++i) names.Of(absl::StrCat("another ", i));
  EXPECT_NE(names.Of(certificate), read);
}

}  // namespace
}  // namespace verdict
