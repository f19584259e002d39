#include "gateway/http/tls_session.h"

#include <algorithm>
#include <array>
#include <utility>

#include "openssl/err.h"
#include "security/certificate_names.h"

namespace verdict {
namespace {

constexpr size_t kRecord = 16 * 1024;      // the most that one record of TLS holds
constexpr size_t kMostUnasked = 4 * 1024;  // bytes of alerts and answers to updates of keys, which wait for the next answer

}  // namespace

TlsSession::TlsSession(SslPtr ssl) : ssl_(std::move(ssl)), incoming_(BIO_new(BIO_s_mem())), outgoing_(BIO_new(BIO_s_mem())) {
  SSL_set_bio(ssl_.get(), incoming_, outgoing_);
  SSL_set_accept_state(ssl_.get());
}

void TlsSession::Receive(std::string_view bytes) {
  if (failed_) return;
  BIO_write(incoming_, bytes.data(), static_cast<int>(bytes.size()));
}

void TlsSession::Fail() {
  failed_ = true;
  plain_http_ = ERR_GET_REASON(ERR_peek_error()) == SSL_R_HTTP_REQUEST;
  error_ = TakeOpenSslError();
}

TlsSession::Step TlsSession::Handshake() {
  ERR_clear_error();
  const int result = SSL_do_handshake(ssl_.get());
  if (result == 1) {
    established_ = true;
    return Step::kDone;
  }
  if (SSL_get_error(ssl_.get(), result) == SSL_ERROR_WANT_READ) return Step::kMore;
  Fail();
  return Step::kFailed;
}

TlsSession::Step TlsSession::Decrypt(absl::FunctionRef<void(std::string_view plain)> take) {
  std::array<char, kRecord> plain;
  for (;;) {
    ERR_clear_error();
    const int size = SSL_read(ssl_.get(), plain.data(), static_cast<int>(plain.size()));
    // What we are to send without having been asked anything: alerts that refuse a renegotiation, thousands in a read.
    if (BIO_ctrl_pending(outgoing_) > kMostUnasked) {
      error_ = "it asks for more than it is sent";
      failed_ = true;
      return Step::kFailed;
    }
    if (size > 0) {
      take({plain.data(), static_cast<size_t>(size)});
      continue;
    }
    switch (SSL_get_error(ssl_.get(), size)) {
      case SSL_ERROR_WANT_READ:
        return Step::kMore;
      case SSL_ERROR_ZERO_RETURN:
        return Step::kDone;
      default:
        Fail();
        return Step::kFailed;
    }
  }
}

bool TlsSession::Encrypt(std::string_view plain, std::string& out) {
  AppendOutput(out);
  while (!plain.empty() && !failed_) {
    ERR_clear_error();
    // Record by record, so that the buffer between stays small for good.
    const int size = SSL_write(ssl_.get(), plain.data(), static_cast<int>(std::min(plain.size(), kRecord)));
    if (size <= 0) {
      Fail();
      break;
    }
    plain.remove_prefix(static_cast<size_t>(size));
    AppendOutput(out);
  }
  return !failed_;
}

void TlsSession::Close() {
  if (!established_ || failed_) return;  // OpenSSL must not be asked after an error
  SSL_shutdown(ssl_.get());
  ERR_clear_error();
}

void TlsSession::AppendOutput(std::string& out) {
  const size_t pending = BIO_ctrl_pending(outgoing_);
  if (pending == 0) return;
  const size_t before = out.size();
  out.resize(before + pending);
  const int size = BIO_read(outgoing_, out.data() + before, static_cast<int>(pending));
  out.resize(before + static_cast<size_t>(std::max(size, 0)));
}

std::string TlsSession::TakeOutput() {
  std::string out;
  AppendOutput(out);
  return out;
}

bool TlsSession::has_peer_certificate() const { return SSL_get0_peer_certificate(ssl_.get()) != nullptr; }

absl::Time TlsSession::PeerNotAfter() const {
  const X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  return certificate == nullptr ? absl::InfiniteFuture() : TimeOf(X509_get0_notAfter(certificate));
}

std::vector<std::string> TlsSession::PeerNames() const {
  const X509* const certificate = SSL_get0_peer_certificate(ssl_.get());
  return certificate == nullptr ? std::vector<std::string>() : NamesOf(*certificate);
}

}  // namespace verdict
