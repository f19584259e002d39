#include "gateway/http/tls_context.h"

#include <string_view>

#include "common/logging.h"
#include "openssl/pem.h"

namespace verdict {
namespace {

constexpr std::string_view kProtocol = "http/1.1";

// Seconds.
constexpr long kResumableFor = 300;

BioPtr Open(const std::string& text) { return BioPtr(BIO_new_mem_buf(text.data(), static_cast<int>(text.size()))); }

bool UseChain(SSL_CTX* context, const std::string& chain) {
  const BioPtr bio = Open(chain);
  const X509Ptr leaf(PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr));
  if (!leaf || SSL_CTX_use_certificate(context, leaf.get()) != 1) return false;
  while (X509Ptr next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (SSL_CTX_add1_chain_cert(context, next.get()) != 1) return false;
  }
  return true;
}

bool UseKey(SSL_CTX* context, const std::string& text) {
  const BioPtr bio = Open(text);
  const KeyPtr key(PEM_read_bio_PrivateKey(bio.get(), nullptr, nullptr, nullptr));
  return key && SSL_CTX_use_PrivateKey(context, key.get()) == 1 && SSL_CTX_check_private_key(context) == 1;
}

bool UseAuthority(SSL_CTX* context, const std::string& authority) {
  const BioPtr bio = Open(authority);
  while (X509Ptr next{PEM_read_bio_X509(bio.get(), nullptr, nullptr, nullptr)}) {
    if (X509_STORE_add_cert(SSL_CTX_get_cert_store(context), next.get()) != 1) return false;
    if (SSL_CTX_add_client_CA(context, next.get()) != 1) return false;  // copies what it needs
  }
  return true;
}

// RFC 7301: a client that speaks other protocols alone is told so.
int SelectProtocol(SSL*, const unsigned char** out, unsigned char* out_size, const unsigned char* offered, unsigned size, void*) {
  for (unsigned at = 0; at < size && at + 1 + offered[at] <= size; at += 1U + offered[at]) {
    const std::string_view name(reinterpret_cast<const char*>(offered + at + 1), offered[at]);
    if (name != kProtocol) continue;
    *out = offered + at + 1;
    *out_size = offered[at];
    return SSL_TLSEXT_ERR_OK;
  }
  return SSL_TLSEXT_ERR_ALERT_FATAL;
}

SslContextPtr Build(const Certificates& certificates, ClientCertificate client_certificate) {
  SslContextPtr context(SSL_CTX_new(TLS_server_method()));
  if (!context || SSL_CTX_set_min_proto_version(context.get(), TLS1_2_VERSION) != 1) return nullptr;
  SSL_CTX_set_options(context.get(), SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION | SSL_OP_CIPHER_SERVER_PREFERENCE |
                                         SSL_OP_PRIORITIZE_CHACHA | SSL_OP_IGNORE_UNEXPECTED_EOF);
  SSL_CTX_set_mode(context.get(), SSL_MODE_RELEASE_BUFFERS);
  SSL_CTX_set_session_cache_mode(context.get(), SSL_SESS_CACHE_OFF);
  SSL_CTX_set_timeout(context.get(), kResumableFor);
  // Forward secrecy and authenticated encryption only, where 1.2 is spoken; 1.3 has nothing else.
  if (SSL_CTX_set_cipher_list(context.get(), "ECDHE+AESGCM:ECDHE+CHACHA20") != 1) return nullptr;
  SSL_CTX_set_alpn_select_cb(context.get(), SelectProtocol, nullptr);
  if (!UseChain(context.get(), certificates.chain) || !UseKey(context.get(), certificates.key)) return nullptr;
  if (certificates.authority.empty()) return context;
  if (!UseAuthority(context.get(), certificates.authority)) return nullptr;
  // A resumed session's certificate is not looked at again, and in TLS 1.3 each resumption brings a ticket for the next: who once
  // had a certificate would be let in for ever. So each connection shows its certificate.
  SSL_CTX_set_options(context.get(), SSL_OP_NO_TICKET);
  SSL_CTX_set_num_tickets(context.get(), 0);
  const int required = client_certificate == ClientCertificate::kRequired ? SSL_VERIFY_FAIL_IF_NO_PEER_CERT : 0;
  SSL_CTX_set_verify(context.get(), SSL_VERIFY_PEER | required, nullptr);
  return context;
}

}  // namespace

SSL_CTX* TlsContext::Current() {
  auto certificates = certificates_->current();
  if (certificates == built_of_) return context_.get();
  SslContextPtr fresh = Build(*certificates, client_certificate_);
  const std::string error = TakeOpenSslError();
  built_of_ = std::move(certificates);  // also when it failed: not again for each connection
  if (fresh) {
    context_ = std::move(fresh);  // connections hold on to the old one
  } else {
    LogError("the certificates cannot be used; what was used before stays in use", {{"error", error}});
  }
  return context_.get();
}

SslPtr TlsContext::NewConnection() {
  const std::lock_guard lock(mutex_);
  SSL_CTX* const context = Current();
  return SslPtr(context == nullptr ? nullptr : SSL_new(context));
}

}  // namespace verdict
