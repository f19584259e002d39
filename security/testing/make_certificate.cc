#include "security/testing/make_certificate.h"

#include "openssl/pem.h"
#include "openssl/rand.h"
#include "openssl/x509v3.h"
#include "security/openssl.h"

namespace verdict {
namespace {

BioPtr Open(const std::string& text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

std::string TextOf(BIO* bio) {
  char* data = nullptr;
  const long size = BIO_get_mem_data(bio, &data);
  return {data, static_cast<size_t>(size)};
}

void AddExtension(X509* certificate, int kind, const std::string& value) {
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, nullptr, kind, value.c_str());
  X509_add_ext(certificate, extension, -1);
  X509_EXTENSION_free(extension);
}

}  // namespace

MadeCertificate MakeCertificate(const CertificateSpec& spec) {
  const KeyPtr key(EVP_EC_gen("P-256"));
  const X509Ptr certificate(X509_new());
  X509_set_version(certificate.get(), X509_VERSION_3);
  unsigned char serial[8];
  RAND_bytes(serial, sizeof(serial));
  serial[0] &= 0x7F;
  const std::unique_ptr<BIGNUM, OpenSslFree<BN_free>> number(BN_bin2bn(serial, sizeof(serial), nullptr));
  BN_to_ASN1_INTEGER(number.get(), X509_get_serialNumber(certificate.get()));
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), spec.valid_from_s);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), spec.valid_for_s);
  X509_set_pubkey(certificate.get(), key.get());
  X509_NAME* const subject = X509_get_subject_name(certificate.get());
  X509_NAME_add_entry_by_txt(subject, "CN", MBSTRING_UTF8, reinterpret_cast<const unsigned char*>(spec.common_name.c_str()), -1,
                             -1, 0);
  if (spec.authority) AddExtension(certificate.get(), NID_basic_constraints, "critical,CA:TRUE");
  if (!spec.alternative_names.empty()) AddExtension(certificate.get(), NID_subject_alt_name, spec.alternative_names);
  if (!spec.usage.empty()) AddExtension(certificate.get(), NID_ext_key_usage, spec.usage);
  if (spec.issuer == nullptr) {
    X509_set_issuer_name(certificate.get(), subject);
    X509_sign(certificate.get(), key.get(), EVP_sha256());
  } else {
    const BioPtr issuer_bio = Open(spec.issuer->certificate);
    const X509Ptr issuer(PEM_read_bio_X509(issuer_bio.get(), nullptr, nullptr, nullptr));
    const BioPtr key_bio = Open(spec.issuer->key);
    const KeyPtr issuer_key(PEM_read_bio_PrivateKey(key_bio.get(), nullptr, nullptr, nullptr));
    X509_set_issuer_name(certificate.get(), X509_get_subject_name(issuer.get()));
    X509_sign(certificate.get(), issuer_key.get(), EVP_sha256());
  }
  const BioPtr certificate_out(BIO_new(BIO_s_mem()));
  PEM_write_bio_X509(certificate_out.get(), certificate.get());
  const BioPtr key_out(BIO_new(BIO_s_mem()));
  PEM_write_bio_PKCS8PrivateKey(key_out.get(), key.get(), nullptr, nullptr, 0, nullptr, nullptr);
  return {TextOf(certificate_out.get()), TextOf(key_out.get())};
}

}  // namespace verdict
