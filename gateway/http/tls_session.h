#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/functional/function_ref.h"
#include "security/openssl.h"

namespace verdict {

// The server's side of one TLS connection, without its socket: bytes from the peer go in, bytes for the peer come out. What it
// has to say beside answers (alerts, tickets, key updates) goes out with the next bytes that are taken. Single-threaded.
class TlsSession {
 public:
  enum class Step { kMore, kDone, kFailed };  // kMore: needs further bytes of the peer

  explicit TlsSession(SslPtr ssl);

  // Takes what the peer has sent; once the session has failed, drops it.
  void Receive(std::string_view bytes);

  // Goes on with the handshake; then, and once it failed, there may be something to send.
  Step Handshake();
  bool established() const { return established_; }

  // Hands on what was decrypted so far. kDone: the peer has said that no more comes. For after the handshake.
  Step Decrypt(absl::FunctionRef<void(std::string_view plain)> take);

  // Encrypts into `out`, after whatever else is to be sent. False: the connection is broken.
  bool Encrypt(std::string_view plain, std::string& out);

  // Says that no more comes.
  void Close();
  // What is to be sent now; empty: nothing.
  std::string TakeOutput();

  // Of the peer's certificate, which is verified; see NamesOf. Empty: it has none.
  std::vector<std::string> PeerNames() const;
  bool has_peer_certificate() const;
  absl::Time PeerNotAfter() const;  // InfiniteFuture: it has none

  // Why the handshake failed, in OpenSSL's words.
  const std::string& error() const { return error_; }
  // Whether that was a request in plain HTTP.
  bool plain_http() const { return plain_http_; }

 private:
  void Fail();
  void AppendOutput(std::string& out);

  const SslPtr ssl_;
  BIO* const incoming_;  // both belong to ssl_
  BIO* const outgoing_;
  bool established_ = false;
  bool failed_ = false;
  bool plain_http_ = false;
  std::string error_;
};

}  // namespace verdict
