// Connections with TLS whose callers say that they send no more.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>
#include <string>
#include <string_view>

#include "gateway/http/testing/raw_http_client.h"
#include "gateway/http/tls_context.h"
#include "gateway/testing/http_server_fixture.h"
#include "gmock/gmock.h"
#include "security/testing/make_certificate.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;

// A blocking caller; every wait ends after ten seconds.
class TlsClient {
 public:
  TlsClient(int port, int version) : context_(SSL_CTX_new(TLS_client_method())), fd_(socket(AF_INET, SOCK_STREAM, 0)) {
    const timeval limit{10, 0};
    setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(static_cast<uint16_t>(port));
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    SSL_CTX_set_max_proto_version(context_.get(), version);
    ssl_.reset(SSL_new(context_.get()));
    SSL_set_fd(ssl_.get(), fd_);
    connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0 && SSL_connect(ssl_.get()) == 1;
  }
  ~TlsClient() { close(fd_); }
  TlsClient(const TlsClient&) = delete;

  bool connected() const { return connected_; }
  void Send(std::string_view bytes) { SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())); }
  void SayLast() { SSL_shutdown(ssl_.get()); }  // sends close_notify
  // What comes next; empty: the end.
  std::string Read() {
    char bytes[4096];
    const int size = SSL_read(ssl_.get(), bytes, sizeof(bytes));
    return size > 0 ? std::string(bytes, static_cast<size_t>(size)) : std::string();
  }

 private:
  SslContextPtr context_;
  SslPtr ssl_;
  int fd_;
  bool connected_ = false;
};

class TlsConnectionTest : public HttpServerTest, public ::testing::WithParamInterface<int> {
 protected:
  TlsConnectionTest() {
    const MadeCertificate made = MakeCertificate({});
    folder_.Write("chain", made.certificate);
    folder_.Write("key", made.key);
    auto store = CertificateStore::Open({(folder_.path() / "chain").string(), (folder_.path() / "key").string(), ""},
                                        "certificates", watcher_);
    EXPECT_TRUE(store.ok()) << store.status();
    options_.conventions.tls = std::make_shared<TlsContext>(*store, ClientCertificate::kOptional);
  }

  // Of a caller that has asked, and says that it sends no more.
  std::unique_ptr<TlsClient> AskAndSayLast() {
    Start();
    auto client = std::make_unique<TlsClient>(port(), GetParam());
    EXPECT_TRUE(client->connected());
    client->Send(PostRequest("/held", "a"));
    EXPECT_TRUE(held_.Await(1));
    client->SayLast();
    return client;
  }

  TempDirectory folder_;
  FileWatcher watcher_{absl::Seconds(1)};
};

TEST_P(TlsConnectionTest, WhoSaysThatItSendsNoMoreStillGetsItsAnswer) {
  const auto client = AskAndSayLast();
  EXPECT_THAT(client->Read(), HasSubstr("100 Continue"));  // so the server has heard it
  EXPECT_FALSE(held_.cancelled());
  held_.Answer(0, "the answer");
  EXPECT_THAT(client->Read(), EndsWith("the answer"));
  EXPECT_EQ(client->Read(), "");
}

TEST_P(TlsConnectionTest, WhoSaysSoAndLeavesCancelsItsRequest) {
  AskAndSayLast().reset();
  EXPECT_TRUE(held_.AwaitCancel());
}

INSTANTIATE_TEST_SUITE_P(Versions, TlsConnectionTest, ::testing::Values(TLS1_2_VERSION, TLS1_3_VERSION),
                         [](const auto& row) { return row.param == TLS1_2_VERSION ? "Tls12" : "Tls13"; });

}  // namespace
}  // namespace verdict
