#include "services/classifier/rpc/call_observation.h"

#include <memory>
#include <string>
#include <thread>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/classifier/rpc/classifier_service.h"
#include "services/classifier/rpc/open_inference_service.h"
#include "tests/support/fake_classifier.h"
#include "tests/support/recording_observer.h"

namespace verdict {
namespace {

constexpr char kTraceParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

class OneModel : public ModelCatalog {
 public:
  std::vector<ModelInfo> List() const override { return {Get("tickets", "").value()}; }
  absl::StatusOr<ModelInfo> Get(const std::string& name, const std::string&) const override {
    if (name != "tickets") return absl::NotFoundError("no model is named that");
    ModelInfo info;
    info.name = "tickets";
    info.labels = {"hello", "you"};
    return info;
  }
};

class CallObservationTest : public testing::Test {
 protected:
  CallObservationTest()
      : classifier_service_(classifier_, {.max_inputs = 3, .max_deadline = absl::Seconds(30), .max_waiting_bytes = 1000},
                            &observer_),
        health_({}),
        open_inference_({.classifier = classifier_, .catalog = catalog_, .health = health_}, {}, &observer_) {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&classifier_service_);
    builder.RegisterService(&open_inference_);
    server_ = builder.BuildAndStart();
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
    context_.AddMetadata("x-request-id", "caller-7");
    context_.AddMetadata("traceparent", kTraceParent);
  }
  ~CallObservationTest() override {
    context_.TryCancel();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(10));
  }

  grpc::Status Classify(const std::vector<std::string>& texts) {
    v1::ClassifyRequest request;
    request.set_model("tickets");
    request.set_model_version("7");
    for (const std::string& text : texts) request.add_inputs()->set_text(text);
    v1::ClassifyResponse response;
    return v1::Classifier::NewStub(channel_)->Classify(&context_, request, &response);
  }
  void Send(grpc::ClientReaderWriter<v1::StreamClassifyRequest, v1::StreamClassifyResponse>& stream, const std::string& text) {
    v1::StreamClassifyRequest message;
    message.set_id(text);
    message.mutable_request()->add_inputs()->set_text(text);
    stream.Write(message);
  }

  RecordingObserver observer_;
  FakeClassifier classifier_;
  OneModel catalog_;
  ClassifierService classifier_service_;
  HealthService health_;
  OpenInferenceService open_inference_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  grpc::ClientContext context_;
};

TEST_F(CallObservationTest, TellsOfAnAnswerBeforeItsCallerHasIt) {
  ASSERT_TRUE(Classify({"hello", "you"}).ok());
  const auto calls = observer_.calls();
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].method, CallMethod::kClassify);
  EXPECT_EQ(calls[0].request_id, "caller-7");
  EXPECT_EQ(calls[0].trace_parent, kTraceParent);
  EXPECT_EQ(calls[0].model, "fake") << "the model that answered";
  EXPECT_EQ(calls[0].inputs, 2);
  EXPECT_TRUE(calls[0].status.ok());
  EXPECT_EQ(calls[0].reason, "");
  EXPECT_GE(calls[0].took, absl::ZeroDuration());
  ASSERT_EQ(calls[0].response.results.size(), 2u);
  EXPECT_EQ(calls[0].response.results[1].labels[0].label, "you");
}

TEST_F(CallObservationTest, TellsOfAFailureWithTheModelThatWasAskedFor) {
  classifier_.FailNext(absl::ResourceExhaustedError("full"));
  EXPECT_FALSE(Classify({"hello"}).ok());
  const auto calls = observer_.calls();
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].model, "tickets");
  EXPECT_EQ(calls[0].model_version, "7");
  EXPECT_EQ(calls[0].inputs, 1);
  EXPECT_EQ(calls[0].status, absl::ResourceExhaustedError("full"));
  EXPECT_EQ(calls[0].reason, "OVERLOADED");
}

TEST_F(CallObservationTest, TellsOfARequestThatCannotBeRead) {
  EXPECT_FALSE(Classify({"1", "2", "3", "4"}).ok());
  const auto calls = observer_.calls();
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].inputs, 0);
  EXPECT_EQ(calls[0].reason, "INVALID_REQUEST");
}

TEST_F(CallObservationTest, TellsOfEveryRequestOfAStream) {
  const auto stub = v1::Classifier::NewStub(channel_);
  const auto stream = stub->StreamClassify(&context_);
  Send(*stream, "one");
  Send(*stream, "two");
  stream->WritesDone();
  v1::StreamClassifyResponse response;
  while (stream->Read(&response)) {
  }
  ASSERT_TRUE(stream->Finish().ok());
  const auto calls = observer_.calls();
  ASSERT_EQ(calls.size(), 2u);
  EXPECT_EQ(calls[1].method, CallMethod::kStreamClassify);
  EXPECT_EQ(calls[1].request_id, "caller-7");
  EXPECT_EQ(calls[1].trace_parent, kTraceParent);
  EXPECT_TRUE(calls[1].status.ok());
}

TEST_F(CallObservationTest, TellsOnceOfARequestThatWasTriedAgain) {
  classifier_.FailNext(absl::ResourceExhaustedError("full"));
  const auto stub = v1::Classifier::NewStub(channel_);
  const auto stream = stub->StreamClassify(&context_);
  Send(*stream, "one");
  v1::StreamClassifyResponse response;
  ASSERT_TRUE(stream->Read(&response));
  EXPECT_TRUE(response.has_response());
  ASSERT_EQ(observer_.calls().size(), 1u);
  EXPECT_TRUE(observer_.calls()[0].status.ok());
}

TEST_F(CallObservationTest, TellsOfARequestWhoseCallerLeavesWhileItWaitsForAPlace) {
  for (int i = 0; i < 1000; ++i) classifier_.FailNext(absl::ResourceExhaustedError("full"));
  const auto stub = v1::Classifier::NewStub(channel_);
  const auto stream = stub->StreamClassify(&context_);
  Send(*stream, "one");
  classifier_.AwaitCalls(1);
  context_.TryCancel();
  EXPECT_EQ(observer_.AwaitCalls(1)[0].reason, "CANCELLED");
}

TEST_F(CallObservationTest, TellsOfARequestWhoseCallerLeavesJustBeforeItWouldHaveWaited) {
  classifier_.Hold();
  const auto stub = v1::Classifier::NewStub(channel_);
  const auto stream = stub->StreamClassify(&context_);
  Send(*stream, "one");
  classifier_.AwaitCalls(1);
  context_.TryCancel();
  while (!classifier_.contexts().at(0).IsCancelled()) std::this_thread::yield();  // the server learns it a moment later
  classifier_.ReleaseWith(absl::ResourceExhaustedError("full"));
  EXPECT_EQ(observer_.AwaitCalls(1)[0].reason, "CANCELLED");
}

TEST_F(CallObservationTest, TellsOfOpenInference) {
  inference::ModelInferRequest request;
  request.set_model_name("tickets");
  inference::ModelInferResponse response;
  const auto stub = inference::GRPCInferenceService::NewStub(channel_);
  EXPECT_FALSE(stub->ModelInfer(&context_, request, &response).ok()) << "no inputs";
  const auto calls = observer_.calls();
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].method, CallMethod::kModelInfer);
  EXPECT_EQ(calls[0].reason, "INVALID_REQUEST");
}

TEST(CallObservation, WithoutAnObserverNothingIsTold) {
  CallObservation observation;
  observation.Asked({});
  observation.End(absl::InternalError("nobody hears this"));
}

}  // namespace
}  // namespace verdict
