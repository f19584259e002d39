#include <chrono>
#include <condition_variable>
#include <list>
#include <memory>
#include <mutex>
#include <string>

#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "services/classifier/rpc/connections.h"
#include "verdict/v1/classifier.grpc.pb.h"

namespace verdict {
namespace {

constexpr int64_t kMiB = 1 << 20;

// Answers nobody until it is told to.
class Holding final : public v1::Classifier::WithRawCallbackMethod_Classify<v1::Classifier::Service> {
 public:
  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* context, const grpc::ByteBuffer*,
                                     grpc::ByteBuffer* response) override {
    const grpc::Slice nothing;
    *response = grpc::ByteBuffer(&nothing, 1);
    grpc::ServerUnaryReactor* const reactor = context->DefaultReactor();
    const std::lock_guard lock(mutex_);
    if (released_) {
      reactor->Finish(grpc::Status::OK);
    } else {
      held_.push_back(reactor);
    }
    return reactor;
  }
  void Release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    for (grpc::ServerUnaryReactor* const reactor : held_) reactor->Finish(grpc::Status::OK);
    held_.clear();
  }

 private:
  std::mutex mutex_;
  bool released_ = false;
  std::list<grpc::ServerUnaryReactor*> held_;
};

class MessageLimitTest : public ::testing::Test {
 protected:
  MessageLimitTest() {
    grpc::ServerBuilder builder;
    LimitMessages(32 * kMiB, builder);
    RefuseCompressed(builder);
    builder.SetMaxReceiveMessageSize(static_cast<int>(8 * kMiB));
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    stub_ = v1::Classifier::NewStub(grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials()));
  }
  ~MessageLimitTest() override {
    service_.Release();
    server_->Shutdown();
  }

  void Send(int64_t bytes, grpc_compression_algorithm compression = GRPC_COMPRESS_NONE) {
    Call& call = calls_.emplace_back();
    call.context.set_compression_algorithm(compression);
    call.request.add_inputs()->set_text(std::string(static_cast<size_t>(bytes), 'a'));
    stub_->async()->Classify(&call.context, &call.request, &call.response, [this](const grpc::Status& status) {
      const std::lock_guard lock(mutex_);
      ended_.push_back(status);
      changed_.notify_all();
    });
  }
  // How the calls ended that have, once that many have.
  std::list<grpc::Status> Await(size_t calls) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, std::chrono::seconds(20), [&] { return ended_.size() >= calls; });
    return ended_;
  }

  Holding service_;

 private:
  struct Call {
    grpc::ClientContext context;
    v1::ClassifyRequest request;
    v1::ClassifyResponse response;
  };
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::Classifier::Stub> stub_;
  std::list<Call> calls_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::list<grpc::Status> ended_;
};

TEST_F(MessageLimitTest, CallsEndWhereTheirMessagesTakeMoreThanAllMay) {
  for (int i = 0; i < 8; ++i) Send(6 * kMiB);
  // RESOURCE_EXHAUSTED, or UNAVAILABLE of a connection that had no call yet.
  for (const grpc::Status& status : Await(4)) EXPECT_FALSE(status.ok());
  EXPECT_GE(Await(4).size(), 4u);
  service_.Release();
  EXPECT_EQ(Await(8).size(), 8u);
}

// gRPC would inflate them, to whatever size.
TEST_F(MessageLimitTest, CompressedMessagesAreNotTaken) {
  service_.Release();
  size_t calls = 0;
  for (const auto compression : {GRPC_COMPRESS_GZIP, GRPC_COMPRESS_DEFLATE}) {
    Send(200 * kMiB, compression);
    ASSERT_EQ(Await(++calls).size(), calls);
    EXPECT_EQ(Await(calls).back().error_code(), grpc::StatusCode::UNIMPLEMENTED) << Await(calls).back().error_message();
  }
}

TEST_F(MessageLimitTest, TheLongestMessagesPassOneAfterTheOther) {
  service_.Release();
  for (size_t i = 1; i <= 20; ++i) {
    Send(8 * kMiB - 100);
    ASSERT_EQ(Await(i).size(), i);
    EXPECT_TRUE(Await(i).back().ok()) << Await(i).back().error_message();
  }
}

// gRPC looks at a message's length when all of it is there; it says "larger than max" then.
TEST_F(MessageLimitTest, AMessageThatIsFarTooLongEndsBeforeItHasArrived) {
  service_.Release();
  Send(200 * kMiB);
  const grpc::Status status = Await(1).front();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(status.error_message().find("larger than max"), std::string::npos) << status.error_message();
}

}  // namespace
}  // namespace verdict
