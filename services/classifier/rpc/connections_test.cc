#include "services/classifier/rpc/connections.h"

#include <chrono>
#include <memory>
#include <string>

#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "services/classifier/rpc/health_service.h"

namespace verdict {
namespace {

using std::chrono::milliseconds;

class ConnectionsTest : public testing::Test {
 protected:
  ~ConnectionsTest() override {
    health_.Close();
    if (server_) server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(10));
  }

  // A connection to a server with these limits, whose client asks every 20 ms whether the server is there.
  void Connect(const ConnectionLimits& limits) {
    grpc::ServerBuilder builder;
    LimitConnections(limits, builder);
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&health_);
    server_ = builder.BuildAndStart();
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_KEEPALIVE_TIME_MS, 20);
    arguments.SetInt(GRPC_ARG_KEEPALIVE_PERMIT_WITHOUT_CALLS, 1);
    arguments.SetInt(GRPC_ARG_HTTP2_MAX_PINGS_WITHOUT_DATA, 0);
    channel_ = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials(), arguments);
    ASSERT_TRUE(channel_->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10)));
  }

  bool IsClosedWithin(milliseconds time) {
    return channel_->WaitForStateChange(GRPC_CHANNEL_READY, std::chrono::system_clock::now() + time);
  }

  HealthService health_{{}};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ConnectionsTest, PingsAreAnsweredAtTheIntervalThatIsSet) {
  Connect({.min_ping_interval_ms = 0});
  EXPECT_FALSE(IsClosedWithin(milliseconds(500)));
}

TEST_F(ConnectionsTest, WhoPingsMoreOftenLosesItsConnection) {
  Connect({});
  EXPECT_TRUE(IsClosedWithin(milliseconds(10'000)));
}

TEST_F(ConnectionsTest, AConnectionEndsAtItsAge) {
  Connect({.min_ping_interval_ms = 0, .max_age_ms = 100});
  EXPECT_TRUE(IsClosedWithin(milliseconds(10'000)));
}

TEST_F(ConnectionsTest, AConnectionEndsWhenItIsIdle) {
  Connect({.min_ping_interval_ms = 0, .max_idle_ms = 100});
  EXPECT_TRUE(IsClosedWithin(milliseconds(10'000)));
}

}  // namespace
}  // namespace verdict
