// verdict-gateway as a process, with a stand-in for verdict-service.
#include <signal.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "boost/json/parse.hpp"
#include "boost/json/value.hpp"
#include "gateway/http/testing/raw_http_client.h"
#include "gateway/supervisor/child_process.h"
#include "gateway/supervisor/testing/event_pipe.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

class ServeTest : public ::testing::Test {
 protected:
  // The log of both processes goes to the pipe.
  void Start(std::vector<std::string> arguments) {
    std::vector<std::string> command = {
        "/bin/sh",       "-c",         "log=$1; shift; exec \"$@\" 2> $log", "sh", log_.path(), VERDICT_GATEWAY,
        "--http-listen", "127.0.0.1:0"};
    command.insert(command.end(), arguments.begin(), arguments.end());
    auto gateway = ChildProcess::Spawn({.command = command});
    ASSERT_TRUE(gateway.ok()) << gateway.status();
    gateway_ = *std::move(gateway);
  }
  void StartServe(const std::vector<std::string>& service_arguments, std::vector<std::string> arguments = {}) {
    arguments.insert(arguments.begin(), {"serve", "--service-binary", FAKE_SERVICE});
    arguments.push_back("--");
    arguments.insert(arguments.end(), service_arguments.begin(), service_arguments.end());
    Start(arguments);
  }

  // Reads the log up to the line with this message.
  boost::json::value AwaitLog(std::string_view message) {
    for (;;) {
      const std::string line = log_.Next();
      boost::json::error_code error;
      boost::json::value value = boost::json::parse(line, error);
      if (error) {
        ADD_FAILURE() << "waiting for \"" << message << "\", got: " << line;
        return {{"port", 0}, {"pid", 0}};
      }
      const boost::json::string& found = value.at("message").as_string();
      if (std::string_view(found.data(), found.size()) == message) return value;
    }
  }
  int AwaitPort() { return static_cast<int>(AwaitLog("listening").at("port").as_int64()); }
  void StartReady(const std::vector<std::string>& service_arguments) {
    StartServe(service_arguments);
    port_ = AwaitPort();
    service_pid_ = static_cast<pid_t>(AwaitLog("service started").at("pid").as_int64());
    AwaitLog("service ready");
  }
  RawResponse Ask(const std::string& request) { return RawHttpClient(port_).Ask(request).value_or(RawResponse()); }
  RawResponse Classify(const std::string& text) {
    return Ask(PostRequest("/invocations", absl::StrCat("{\"text\":\"", text, "\"}")));
  }
  int Terminate() {
    gateway_->Signal(SIGTERM);
    return gateway_->Wait().exit_code;
  }

  EventPipe log_;
  std::unique_ptr<ChildProcess> gateway_;
  int port_ = 0;
  pid_t service_pid_ = 0;
};

TEST_F(ServeTest, ServesAndStops) {
  StartReady({"--label", "from the service"});
  EXPECT_EQ(Ask(GetRequest("/ping")).status, 200);
  EXPECT_EQ(Classify("hello").body, R"({"prediction":{"label":"from the service","probability":0.75}})");
  EXPECT_EQ(Terminate(), 0);
  EXPECT_NE(kill(service_pid_, 0), 0);
}

TEST_F(ServeTest, AServiceThatDiesIsReplacedAndPingSaysSoMeanwhile) {
  StartReady({});
  EXPECT_EQ(Classify("crash").status, 503);  // tried again once, by the next one
  AwaitLog("service ended, starting it again");
  const auto second = static_cast<pid_t>(AwaitLog("service started").at("pid").as_int64());
  EXPECT_NE(second, service_pid_);
  AwaitLog("ready");  // of the second service
  const absl::Time began = absl::Now();
  while (Ask(GetRequest("/ping")).status != 200) ASSERT_LT(absl::Now() - began, absl::Seconds(10));
  EXPECT_EQ(Classify("hello").status, 200);
  EXPECT_EQ(Terminate(), 0);
}

TEST_F(ServeTest, ARequestThatTheServiceCannotTakeWaitsForTheNextOne) {
  StartReady({});
  kill(service_pid_, SIGKILL);
  EXPECT_EQ(Classify("hello").status, 200);
  AwaitLog("service ended, starting it again");
  EXPECT_EQ(Terminate(), 0);
}

TEST_F(ServeTest, AServiceThatHangsIsReplacedAndItsRequestsAreAnswered) {
  StartServe({}, {"--service-silent-ms", "500"});
  port_ = AwaitPort();
  service_pid_ = static_cast<pid_t>(AwaitLog("service started").at("pid").as_int64());
  AwaitLog("service ready");
  kill(service_pid_, SIGSTOP);
  EXPECT_EQ(Classify("hello").status, 200);
  EXPECT_THAT(std::string(AwaitLog("service does not live, killing it").at("why").as_string()), HasSubstr("no health check"));
  EXPECT_EQ(Terminate(), 0);
}

TEST_F(ServeTest, PingIs503UntilTheServiceIsReady) {
  StartServe({"--never-ready"});
  port_ = AwaitPort();
  AwaitLog("ready");  // the service's line: it listens, but its health says no
  const absl::Time began = absl::Now();
  RawResponse ping = Ask(GetRequest("/ping"));
  while (ping.body.find("loading its model") == std::string::npos) {
    ASSERT_LT(absl::Now() - began, absl::Seconds(10));
    EXPECT_EQ(ping.status, 503);
    ping = Ask(GetRequest("/ping"));
  }
  EXPECT_EQ(ping.status, 503);
  EXPECT_EQ(Terminate(), 0);
}

TEST_F(ServeTest, AServiceThatCannotStartEndsUsWithItsCode) {
  StartServe({"--exit-at-start", "3"});
  AwaitLog("service ended before it was ready, giving up");
  EXPECT_EQ(gateway_->Wait().exit_code, 3);
}

TEST_F(ServeTest, AServiceThatIsNotThereEndsUs) {
  Start({"serve", "--service-binary", "/no/such/service"});
  const auto line = AwaitLog("service ended before it was ready, giving up");
  EXPECT_THAT(std::string(line.at("how").as_string()), HasSubstr("/no/such/service"));
  EXPECT_EQ(gateway_->Wait().exit_code, 127);
}

TEST_F(ServeTest, ARequestUnderWayIsAnsweredBeforeTheEnd) {
  StartReady({});
  RawHttpClient client(port_), other(port_);
  EXPECT_EQ(other.Ask(PostRequest("/invocations", R"({"text":"warm"})"))->status, 200);
  ASSERT_TRUE(client.Send(PostRequest("/invocations", R"({"text":"hold"})")));
  AwaitLog("holding");
  gateway_->Signal(SIGTERM);
  AwaitLog("draining");
  // A connection that is open may still ask once.
  EXPECT_EQ(other.Ask(PostRequest("/invocations", R"({"text":"release"})"))->status, 200);
  const auto response = client.Read();
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(gateway_->Wait().exit_code, 0);
  EXPECT_NE(kill(service_pid_, 0), 0);
}

TEST_F(ServeTest, AServiceThatIgnoresSigtermIsKilledInTime) {
  StartServe({"--ignore-sigterm"}, {"--drain-timeout-ms", "300"});
  port_ = AwaitPort();
  service_pid_ = static_cast<pid_t>(AwaitLog("service started").at("pid").as_int64());
  AwaitLog("service ready");
  EXPECT_EQ(Terminate(), 0);
  EXPECT_NE(kill(service_pid_, 0), 0);
}

TEST_F(ServeTest, WorksWithoutAnyWritablePlace) {
  // TMPDIR alone cannot show it: /tmp and /dev/shm are tried next. So the address is given by hand, as serve would.
  auto service =
      ChildProcess::Spawn({.command = {FAKE_SERVICE, "--grpc-listen", absl::StrCat("unix-abstract:verdict-test-", getpid())}});
  ASSERT_TRUE(service.ok());
  Start({"--service-address", absl::StrCat("unix-abstract:verdict-test-", getpid())});
  port_ = AwaitPort();
  const absl::Time began = absl::Now();
  while (Ask(GetRequest("/ping")).status != 200) ASSERT_LT(absl::Now() - began, absl::Seconds(10));
  EXPECT_EQ(Classify("hello").status, 200);
  EXPECT_EQ(Terminate(), 0);
}

TEST_F(ServeTest, TheServiceListensForOthersWhereTold) {
  const std::string extra = absl::StrCat("unix:", log_.directory(), "/extra.sock");
  StartServe({}, {"--grpc-listen", extra});
  AwaitLog("service ready");
  struct stat info = {};
  EXPECT_EQ(stat((log_.directory() + "/extra.sock").c_str(), &info), 0);
  EXPECT_TRUE(S_ISSOCK(info.st_mode));
  EXPECT_EQ(Terminate(), 0);
  unlink((log_.directory() + "/extra.sock").c_str());
}

TEST_F(ServeTest, APortInUseIsOneErrorAndCode1) {
  StartReady({});
  EventPipe other_log;
  auto second = ChildProcess::Spawn({.command = {"/bin/sh", "-c", "exec \"$1\" serve --http-listen 127.0.0.1:$2 2> $3", "sh",
                                                 VERDICT_GATEWAY, std::to_string(port_), other_log.path()}});
  ASSERT_TRUE(second.ok());
  EXPECT_EQ((*second)->Wait().exit_code, 1);
  EXPECT_THAT(other_log.Next(), HasSubstr(R"("message":"options")"));
  EXPECT_THAT(other_log.Next(), HasSubstr("in use"));
  EXPECT_TRUE(other_log.Empty());
}

TEST_F(ServeTest, AServiceWithoutAModelIsNotGivenUpAndRecovers) {
  StartServe({"--never-ready"});
  port_ = AwaitPort();
  service_pid_ = static_cast<pid_t>(AwaitLog("service started").at("pid").as_int64());
  AwaitLog("ready");  // it listens, and does not serve
  EXPECT_THAT(Ask(GetRequest("/health")).body, HasSubstr(R"("status":"unhealthy","model_loaded":false)"));
  EXPECT_EQ(Ask(GetRequest("/health")).status, 200);
  EXPECT_EQ(Ask(GetRequest("/ping")).status, 503);
  const absl::Time began = absl::Now();
  while (Ask(GetRequest("/ping")).body.find("loading its model") == std::string::npos)
    ASSERT_LT(absl::Now() - began, absl::Seconds(10));
  EXPECT_EQ(kill(service_pid_, 0), 0);
  EXPECT_EQ(Classify("ready").status, 200);
  EXPECT_THAT(Ask(GetRequest("/health")).body, HasSubstr(R"("status":"healthy","model_loaded":true)"));
  EXPECT_EQ(Terminate(), 0);
}

}  // namespace
}  // namespace verdict
