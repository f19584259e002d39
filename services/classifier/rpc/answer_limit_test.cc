
#include <chrono>
#include <future>
#include <memory>
#include <string>
#include <vector>

#include "common/unread_answers.h"
#include "grpcpp/generic/generic_stub.h"
#include "gtest/gtest.h"
#include "services/classifier/rpc/classifier_service.h"
#include "services/classifier/rpc/metrics_service.h"
#include "services/classifier/rpc/testing/serve.h"
#include "tests/support/fake_classifier.h"
#include "tests/support/recording_observer.h"

namespace verdict {
namespace {

constexpr int64_t kMiB = 1 << 20;

// Real services that may have 4 MiB of unread answers, and answer as much as they are asked.
class AnswerLimitTest : public ::testing::Test {
 protected:
  AnswerLimitTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.SetMaxReceiveMessageSize(-1);
    builder.RegisterService(&classifier_service_);
    builder.RegisterService(&metrics_service_);
    server_ = builder.BuildAndStart();
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_HTTP2_BDP_PROBE, 0);  // a window that does not grow
    arguments.SetMaxReceiveMessageSize(-1);
    channel_ = grpc::CreateCustomChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials(), arguments);
  }
  ~AnswerLimitTest() override {
    classifier_service_.Drain();
    server_->Shutdown();
  }

  // A call of a caller who sends his request, and reads the answer when he is told to.
  class Caller final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
   public:
    Caller(const std::shared_ptr<grpc::Channel>& channel, int64_t bytes) {
      v1::ClassifyRequest request;
      request.add_inputs()->set_text(std::string(static_cast<size_t>(bytes), 'a'));
      const grpc::Slice slice(request.SerializeAsString());
      request_ = grpc::ByteBuffer(&slice, 1);
      grpc::GenericStub(channel).PrepareBidiStreamingCall(&context_, "/verdict.v1.Classifier/Classify", {}, this);
      AddHold();
      StartWriteLast(&request_, {});
      StartCall();
    }
    Caller(const Caller&) = delete;
    ~Caller() override {
      context_.TryCancel();
      if (!read_) Read();
    }
    grpc::StatusCode Read() {
      read_ = true;
      StartRead(&response_);
      RemoveHold();
      return status_.get_future().get().error_code();
    }

   private:
    void OnDone(const grpc::Status& status) override { status_.set_value(status); }

    grpc::ClientContext context_;
    grpc::ByteBuffer request_, response_;
    std::promise<grpc::Status> status_;
    bool read_ = false;
  };

  const std::shared_ptr<UnreadAnswers> unread_ = std::make_shared<UnreadAnswers>(4 * kMiB);
  FakeClassifier classifier_;
  ClassifierService classifier_service_{classifier_, ClassifierService::Limits(), nullptr, unread_};
  MetricsService metrics_service_{[](bool) { return std::string(kMiB / 5, 'm'); }, unread_};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

// gRPC hands such calls on as if they had a message, which is then no fault of their callers.
TEST(MessageTest, ACallThatEndsBeforeItsMessageHasArrivedIsCancelled) {
  FakeClassifier classifier;
  RecordingObserver observer;
  ClassifierService service(classifier, ClassifierService::Limits(), &observer);
  auto [server, channel] = ServeLocally({&service});
  class Leaving final : public grpc::ClientBidiReactor<grpc::ByteBuffer, grpc::ByteBuffer> {
   public:
    void OnReadInitialMetadataDone(bool) override {}
    void OnDone(const grpc::Status&) override { done.set_value(); }
    std::promise<void> done;
  } leaving;
  ASSERT_TRUE(channel->WaitForConnected(std::chrono::system_clock::now() + std::chrono::seconds(10)));
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + std::chrono::milliseconds(200));
  grpc::GenericStub(channel).PrepareBidiStreamingCall(&context, "/verdict.v1.Classifier/Classify", {}, &leaving);
  leaving.StartCall();
  leaving.done.get_future().get();
  const auto calls = observer.AwaitCalls(1);
  EXPECT_EQ(calls.front().status.code(), absl::StatusCode::kCancelled);
  EXPECT_EQ(calls.front().reason, "CANCELLED");
  server->Shutdown();
}

TEST_F(AnswerLimitTest, TheOldestCallsEndWhereAnswersThatNobodyReadsAreTooMany) {
  std::vector<std::unique_ptr<Caller>> callers;
  for (size_t i = 1; i <= 6; ++i) {
    callers.push_back(std::make_unique<Caller>(channel_, kMiB));
    classifier_.AwaitCalls(i);
  }
  EXPECT_EQ(callers[0]->Read(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(callers[1]->Read(), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(callers[5]->Read(), grpc::StatusCode::OK);
  EXPECT_EQ(callers[4]->Read(), grpc::StatusCode::OK);
  EXPECT_GE(unread_->given_up(), 2u);
  EXPECT_LE(unread_->given_up(), 4u);
}

TEST_F(AnswerLimitTest, WhoReadsIsServedBesideThoseWhoDoNot) {
  std::vector<std::unique_ptr<Caller>> callers;
  for (int i = 0; i < 20; ++i) {
    callers.push_back(std::make_unique<Caller>(channel_, kMiB));
    EXPECT_EQ(Caller(channel_, kMiB).Read(), grpc::StatusCode::OK);
  }
}

TEST_F(AnswerLimitTest, AnswersThatAreReadCountNoMore) {
  // Much less at one time than may be: the server learns a little later than the caller that an answer is read.
  for (int i = 0; i < 60; ++i) EXPECT_EQ(Caller(channel_, kMiB / 5).Read(), grpc::StatusCode::OK);
  const auto stub = v1::Metrics::NewStub(channel_);
  for (int i = 0; i < 60; ++i) {
    grpc::ClientContext context;
    v1::CollectMetricsResponse response;
    EXPECT_TRUE(stub->Collect(&context, {}, &response).ok());
    EXPECT_EQ(response.text().size(), static_cast<size_t>(kMiB / 5));
  }
  EXPECT_EQ(unread_->given_up(), 0u);
}

TEST_F(AnswerLimitTest, ALoneAnswerMayBeLargerThanAllMayBe) {
  EXPECT_EQ(Caller(channel_, 5 * kMiB).Read(), grpc::StatusCode::OK);
}

TEST_F(AnswerLimitTest, StreamsCountTogether) {
  struct Stream {
    grpc::ClientContext context;
    std::unique_ptr<grpc::ClientReaderWriter<v1::StreamClassifyRequest, v1::StreamClassifyResponse>> stream;
  };
  const auto stub = v1::Classifier::NewStub(channel_);
  std::vector<std::unique_ptr<Stream>> streams;
  v1::StreamClassifyRequest request;
  request.mutable_request()->add_inputs()->set_text(std::string(kMiB, 'a'));
  for (size_t i = 1; i <= 6; ++i) {
    auto& made = streams.emplace_back(std::make_unique<Stream>());
    made->stream = stub->StreamClassify(&made->context);
    EXPECT_TRUE(made->stream->Write(request));
    classifier_.AwaitCalls(i);
  }
  const auto read = [&](Stream& stream) {
    v1::StreamClassifyResponse response;
    stream.stream->WritesDone();
    const bool answered = stream.stream->Read(&response);
    while (stream.stream->Read(&response)) {
    }
    const grpc::StatusCode code = stream.stream->Finish().error_code();
    return answered ? code : grpc::StatusCode::CANCELLED;
  };
  EXPECT_EQ(read(*streams[0]), grpc::StatusCode::CANCELLED);
  EXPECT_EQ(read(*streams[5]), grpc::StatusCode::OK);
  EXPECT_GE(unread_->given_up(), 2u);
  for (auto& stream : streams) stream->context.TryCancel();
}

}  // namespace
}  // namespace verdict
