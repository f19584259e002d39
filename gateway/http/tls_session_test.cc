#include "gateway/http/tls_session.h"

#include <fstream>

#include "gateway/http/tls_context.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "openssl/pem.h"
#include "security/certificate_names.h"
#include "security/testing/make_certificate.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using Step = TlsSession::Step;

// The peer of a session: OpenSSL's client over memory.
class Client {
 public:
  Client() : context_(SSL_CTX_new(TLS_client_method())) {}
  SSL_CTX* context() { return context_.get(); }

  // `between`: certificates between it and the root.
  void Use(const MadeCertificate& made, const std::string& between = "") {
    const BioPtr certificate(BIO_new_mem_buf(made.certificate.data(), static_cast<int>(made.certificate.size())));
    const BioPtr key(BIO_new_mem_buf(made.key.data(), static_cast<int>(made.key.size())));
    SSL_CTX_use_certificate(context(), X509Ptr(PEM_read_bio_X509(certificate.get(), nullptr, nullptr, nullptr)).get());
    SSL_CTX_use_PrivateKey(context(), KeyPtr(PEM_read_bio_PrivateKey(key.get(), nullptr, nullptr, nullptr)).get());
    if (between.empty()) return;
    const BioPtr chain(BIO_new_mem_buf(between.data(), static_cast<int>(between.size())));
    SSL_CTX_add1_chain_cert(context(), X509Ptr(PEM_read_bio_X509(chain.get(), nullptr, nullptr, nullptr)).get());
  }

  // To and fro, until nobody has anything to say or the server fails.
  Step Handshake(TlsSession& server) {
    ssl_.reset(SSL_new(context()));
    SSL_set_bio(ssl_.get(), BIO_new(BIO_s_mem()), BIO_new(BIO_s_mem()));
    SSL_set_connect_state(ssl_.get());
    Step step = Step::kMore;
    for (int round = 0; round < 10 && step == Step::kMore; ++round) {
      SSL_do_handshake(ssl_.get());
      server.Receive(Sent());
      step = server.Handshake();
      Receive(server.TakeOutput());
    }
    SSL_do_handshake(ssl_.get());
    return step;
  }

  std::string Sent() {
    BIO* const bio = SSL_get_wbio(ssl_.get());
    std::string bytes(BIO_ctrl_pending(bio), '\0');
    BIO_read(bio, bytes.data(), static_cast<int>(bytes.size()));
    return bytes;
  }
  void Receive(const std::string& bytes) { BIO_write(SSL_get_rbio(ssl_.get()), bytes.data(), static_cast<int>(bytes.size())); }
  std::string Encrypt(const std::string& plain) {
    SSL_write(ssl_.get(), plain.data(), static_cast<int>(plain.size()));
    return Sent();
  }
  std::string Decrypt() {
    std::string plain;
    char piece[4096];
    for (int size = 0; (size = SSL_read(ssl_.get(), piece, sizeof(piece))) > 0;) plain.append(piece, static_cast<size_t>(size));
    return plain;
  }
  SSL* ssl() { return ssl_.get(); }

 private:
  SslContextPtr context_;
  SslPtr ssl_;
};

class TlsSessionTest : public ::testing::Test {
 protected:
  void Serve(const MadeCertificate& made, const std::string& authority = "",
             ClientCertificate client_certificate = ClientCertificate::kRequired) {
    Write(made);
    CertificateFiles files{Path("chain"), Path("key"), authority.empty() ? "" : Path("authority")};
    folder_.Write("authority", authority);
    auto store = CertificateStore::Open(files, "certificates", watcher_);
    ASSERT_TRUE(store.ok()) << store.status();
    context_ = std::make_unique<TlsContext>(*store, client_certificate);
  }
  void Write(const MadeCertificate& made) {
    folder_.Write("chain", made.certificate);
    folder_.Write("key", made.key);
  }
  std::string Path(const std::string& name) const { return (folder_.path() / name).string(); }
  TlsSession NewSession() { return TlsSession(context_->NewConnection()); }

  TempDirectory folder_;
  FileWatcher watcher_{absl::Seconds(1)};
  std::unique_ptr<TlsContext> context_;
  const MadeCertificate authority_ = MakeCertificate({.common_name = "authority", .alternative_names = "", .authority = true});
};

std::string DecryptedBy(TlsSession& session) {
  std::string plain;
  session.Decrypt([&](std::string_view bytes) { plain += bytes; });
  return plain;
}

TEST_F(TlsSessionTest, CarriesBytesBothWays) {
  Serve(MakeCertificate({}));
  TlsSession session = NewSession();
  Client client;
  ASSERT_EQ(client.Handshake(session), Step::kDone);
  session.Receive(client.Encrypt("hello"));
  EXPECT_EQ(DecryptedBy(session), "hello");
  const std::string large(100'000, 'x');
  std::string encrypted;
  ASSERT_TRUE(session.Encrypt(large, encrypted));
  client.Receive(encrypted);
  EXPECT_EQ(client.Decrypt(), large);
  EXPECT_FALSE(session.has_peer_certificate());
}

TEST_F(TlsSessionTest, EndsAreTold) {
  Serve(MakeCertificate({}));
  TlsSession session = NewSession();
  Client client;
  ASSERT_EQ(client.Handshake(session), Step::kDone);
  session.Close();
  client.Receive(session.TakeOutput());
  client.Decrypt();
  EXPECT_EQ(SSL_get_shutdown(client.ssl()) & SSL_RECEIVED_SHUTDOWN, SSL_RECEIVED_SHUTDOWN);
  SSL_shutdown(client.ssl());
  session.Receive(client.Sent());
  EXPECT_EQ(session.Decrypt([](std::string_view) {}), Step::kDone);
}

TEST_F(TlsSessionTest, RefusesWhatIsOldOrNoTls) {
  Serve(MakeCertificate({}));
  TlsSession session = NewSession();
  Client client;
  SSL_CTX_set_security_level(client.context(), 0);  // else it would not even try
  SSL_CTX_set_min_proto_version(client.context(), TLS1_1_VERSION);
  SSL_CTX_set_max_proto_version(client.context(), TLS1_1_VERSION);
  EXPECT_EQ(client.Handshake(session), Step::kFailed);
  TlsSession other = NewSession();
  other.Receive("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_EQ(other.Handshake(), Step::kFailed);
  EXPECT_TRUE(other.plain_http());
  TlsSession noise = NewSession();
  noise.Receive(std::string(64, '\xFF'));
  EXPECT_EQ(noise.Handshake(), Step::kFailed);
  EXPECT_FALSE(noise.plain_http());
}

TEST_F(TlsSessionTest, SpeaksHttp11AndNothingElse) {
  Serve(MakeCertificate({}));
  Client client;
  SSL_CTX_set_alpn_protos(client.context(), reinterpret_cast<const unsigned char*>("\x02h2\x08http/1.1"), 12);
  TlsSession session = NewSession();
  ASSERT_EQ(client.Handshake(session), Step::kDone);
  const unsigned char* name = nullptr;
  unsigned size = 0;
  SSL_get0_alpn_selected(client.ssl(), &name, &size);
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(name), size), "http/1.1");
  Client newer;
  SSL_CTX_set_alpn_protos(newer.context(), reinterpret_cast<const unsigned char*>("\x02h2"), 3);
  TlsSession refused = NewSession();
  EXPECT_EQ(newer.Handshake(refused), Step::kFailed);
}

TEST_F(TlsSessionTest, LetsInWhoseCertificateTheAuthorityHasSigned) {
  Serve(MakeCertificate({}), authority_.certificate);
  Client client;
  client.Use(MakeCertificate({.common_name = "caller", .alternative_names = "DNS:caller.example", .issuer = &authority_}));
  TlsSession session = NewSession();
  ASSERT_EQ(client.Handshake(session), Step::kDone);
  EXPECT_THAT(session.PeerNames(), ElementsAre("dns:caller.example", "cn:caller"));

  Client stranger;
  stranger.Use(MakeCertificate({.common_name = "caller"}));
  TlsSession refused = NewSession();
  EXPECT_EQ(stranger.Handshake(refused), Step::kFailed);
  Client expired;
  expired.Use(MakeCertificate({.valid_from_s = -7200, .valid_for_s = -3600, .issuer = &authority_}));
  TlsSession late = NewSession();
  EXPECT_EQ(expired.Handshake(late), Step::kFailed);
  Client nobody;
  TlsSession empty = NewSession();
  EXPECT_EQ(nobody.Handshake(empty), Step::kFailed);
}

// A certificate for servers, which many more can have of an authority, makes nobody a client.
TEST_F(TlsSessionTest, WhatACertificateIsForCounts) {
  Serve(MakeCertificate({}), authority_.certificate);
  Client client;
  client.Use(MakeCertificate({.usage = "clientAuth", .issuer = &authority_}));
  TlsSession session = NewSession();
  EXPECT_EQ(client.Handshake(session), Step::kDone);
  Client server;
  server.Use(MakeCertificate({.usage = "serverAuth", .issuer = &authority_}));
  TlsSession refused = NewSession();
  EXPECT_EQ(server.Handshake(refused), Step::kFailed);
}

// One that the authority has signed, but not as an authority.
TEST_F(TlsSessionTest, AClientCannotMakeClients) {
  Serve(MakeCertificate({}), authority_.certificate);
  const MadeCertificate client = MakeCertificate({.common_name = "caller", .alternative_names = "", .issuer = &authority_});
  Client made;
  MadeCertificate another = MakeCertificate({.common_name = "admin", .alternative_names = "", .issuer = &client});
  made.Use(another, client.certificate);
  TlsSession session = NewSession();
  EXPECT_EQ(made.Handshake(session), Step::kFailed);
}

// In TLS 1.2, where it was a way to smuggle bytes in front of a client's request.
TEST_F(TlsSessionTest, NothingIsNegotiatedAgain) {
  Serve(MakeCertificate({}));
  Client client;
  SSL_CTX_set_max_proto_version(client.context(), TLS1_2_VERSION);
  TlsSession session = NewSession();
  ASSERT_EQ(client.Handshake(session), Step::kDone);
  EXPECT_EQ(SSL_renegotiate(client.ssl()), 1);
  int done = 0;
  for (int round = 0; round < 5 && done != 1; ++round) {
    done = SSL_do_handshake(client.ssl());
    session.Receive(client.Sent());
    session.Decrypt([](std::string_view) {});
    client.Receive(session.TakeOutput());
  }
  EXPECT_NE(done, 1);
}

TEST_F(TlsSessionTest, OldCiphersHaveNoSecrecyAndAreNotSpoken) {
  Serve(MakeCertificate({}));
  for (const char* ciphers : {"AES128-GCM-SHA256", "ECDHE-ECDSA-AES128-SHA", "ECDHE-ECDSA-AES256-SHA384", "NULL"}) {
    Client client;
    SSL_CTX_set_max_proto_version(client.context(), TLS1_2_VERSION);
    SSL_CTX_set_security_level(client.context(), 0);
    ASSERT_EQ(SSL_CTX_set_cipher_list(client.context(), ciphers), 1) << ciphers;
    TlsSession session = NewSession();
    EXPECT_EQ(client.Handshake(session), Step::kFailed) << ciphers;
  }
}

TEST_F(TlsSessionTest, WhereTheyAreOptionalACertificateMayBeMissingButNotWrong) {
  Serve(MakeCertificate({}), authority_.certificate, ClientCertificate::kOptional);
  Client nobody;
  TlsSession session = NewSession();
  EXPECT_EQ(nobody.Handshake(session), Step::kDone);
  EXPECT_THAT(session.PeerNames(), IsEmpty());
  Client stranger;
  stranger.Use(MakeCertificate({}));
  TlsSession refused = NewSession();
  EXPECT_EQ(stranger.Handshake(refused), Step::kFailed);
}

TEST_F(TlsSessionTest, NewConnectionsGetNewCertificatesAndOldOnesGoOn) {
  Serve(MakeCertificate({.common_name = "first"}));
  TlsSession old_session = NewSession();
  Client old_client;
  ASSERT_EQ(old_client.Handshake(old_session), Step::kDone);
  Write(MakeCertificate({.common_name = "second"}));
  watcher_.Poll();
  TlsSession session = NewSession();
  Client client;
  ASSERT_EQ(client.Handshake(session), Step::kDone);
  EXPECT_THAT(NamesOf(*SSL_get0_peer_certificate(client.ssl())), ::testing::Contains("cn:second"));
  old_session.Receive(old_client.Encrypt("still here"));
  EXPECT_EQ(DecryptedBy(old_session), "still here");
}

}  // namespace
}  // namespace verdict
