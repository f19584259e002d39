#include "gateway/authorize.h"

#include <fstream>

#include "absl/strings/str_cat.h"
#include "gateway/call_context.h"
#include "gateway/http/testing/raw_http_client.h"
#include "gateway/testing/http_server_fixture.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "security/api_keys.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class AuthorizeTest : public HttpServerTest {
 protected:
  void Restrict(const std::string& roles) {
    const std::string path = (folder_.path() / "keys").string();
    std::ofstream(path) << "alice " << roles << " sha256:" << Sha256Hex("the-key") << "\n";
    auto security = OpenSecurity({.api_keys_file = path});
    ASSERT_TRUE(security.ok()) << security.status();
    security_ = *std::move(security);
    Secure(security_, options_.conventions);
    more_routes_.push_back({"GET", "/open", Echo, false, {}, "", std::nullopt});
    more_routes_.push_back(
        {"POST", "/classify", EchoClient, true, {}, "", Role::kInference, [](const HttpRequest&, const Problem& problem) {
           return HttpResponse{.status = problem.status, .body = "mine: " + problem.detail, .headers = problem.headers};
         }});
    Start();
  }
  static CancelRequest EchoClient(const HttpRequest& request, Respond respond) {
    respond({.body = "client: " + std::string(ClientId(request))});
    return {};
  }
  std::string Ask(const std::string& request) {
    RawHttpClient client(port());
    client.Send(request);
    return client.ReadUntilClosed().value_or("reset");
  }
  std::string Post(const std::string& headers) {
    return Ask("POST /classify HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: 2\r\n" + headers + "\r\nhi");
  }

  TempDirectory folder_;
  Security security_;
};

TEST_F(AuthorizeTest, LetsAKeyInAndRefusesOthersInTheRoutesOwnWords) {
  Restrict("inference");
  EXPECT_THAT(Post("x-api-key: the-key\r\n"), HasSubstr("200 OK"));
  EXPECT_THAT(Post("Authorization: Bearer the-key\r\n"), HasSubstr("200 OK"));
  const std::string missing = Post("");
  EXPECT_THAT(missing, HasSubstr("401 Unauthorized"));
  EXPECT_THAT(missing, HasSubstr("WWW-Authenticate: Bearer realm=\"verdict\"\r\n"));
  EXPECT_THAT(missing, HasSubstr("mine: this needs a credential"));
  const std::string wrong = Post("x-api-key: another-key\r\n");
  EXPECT_THAT(wrong, HasSubstr("401 Unauthorized"));
  EXPECT_THAT(wrong, HasSubstr("error=\"invalid_token\""));
  EXPECT_THAT(wrong, Not(HasSubstr("another-key")));
}

TEST_F(AuthorizeTest, OfTwoCredentialsOfAKindNoneCounts) {
  Restrict("inference");
  EXPECT_THAT(Post("x-api-key: the-key\r\nX-Api-Key: the-key\r\n"), HasSubstr("401 Unauthorized"));
  EXPECT_THAT(Post("Authorization: Bearer the-key\r\nauthorization: Bearer another\r\n"), HasSubstr("401 Unauthorized"));
}

TEST_F(AuthorizeTest, WhoseRequestItIsStandsInTheRequestForTheHandler) {
  Restrict("inference");
  EXPECT_THAT(Post("x-api-key: the-key\r\nx-client-id: bob\r\n"), HasSubstr("client: alice"));
}

TEST_F(AuthorizeTest, ADelegateMaySayWhoseRequestItIs) {
  Restrict("inference,delegate");
  EXPECT_THAT(Post("x-api-key: the-key\r\nx-client-id: bob\r\n"), HasSubstr("client: bob"));
  EXPECT_THAT(Post("x-api-key: the-key\r\nx-client-id: bob\r\nx-client-id: eve\r\n"), HasSubstr("client: alice"));
}

TEST_F(AuthorizeTest, AValidKeyWithoutTheRoleIsForbidden) {
  Restrict("docs");
  EXPECT_THAT(Post("x-api-key: the-key\r\n"), HasSubstr("403 Forbidden"));
}

TEST_F(AuthorizeTest, OpenRoutesAskForNothingAndIgnoreWhatIsShown) {
  Restrict("inference");
  EXPECT_THAT(Ask("GET /open HTTP/1.1\r\nHost: x\r\nConnection: close\r\nx-api-key: wrong\r\n\r\n"), HasSubstr("200 OK"));
}

TEST_F(AuthorizeTest, ARefusalComesBeforeTheBodyIsSent) {
  Restrict("inference");
  RawHttpClient client(port());
  client.Send("POST /classify HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_THAT(client.ReadUntilClosed().value_or("reset"), HasSubstr("HTTP/1.1 401"));
}

}  // namespace
}  // namespace verdict
