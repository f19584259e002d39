#include "security/pem_names.h"

#include "absl/strings/string_view.h"
#include "openssl/pem.h"
#include "security/certificate_names.h"
#include "security/openssl.h"

namespace verdict {
namespace {

std::shared_ptr<const std::vector<std::string>> Read(std::string_view pem) {
  const BioPtr bio(BIO_new_mem_buf(pem.data(), static_cast<int>(pem.size())));
  const X509Ptr certificate(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (certificate != nullptr) return std::make_shared<const std::vector<std::string>>(NamesOf(*certificate));
  TakeOpenSslError();  // or whoever asks next takes it for his own
  return nullptr;
}

}  // namespace

std::shared_ptr<const std::vector<std::string>> PemNames::Of(std::string_view pem) {
  {
    const std::lock_guard lock(mutex_);
    if (const auto found = kept_.find(absl::string_view(pem.data(), pem.size())); found != kept_.end()) return found->second;
  }
  auto names = Read(pem);
  const std::lock_guard lock(mutex_);
  if (kept_.size() >= kMost) kept_.clear();  // certificates that were replaced; those in use are soon here again
  kept_.emplace(std::string(pem), names);
  return names;
}

}  // namespace verdict
