// How streams end while their requests are with the classifier: whoever has waited for the server may take it away.
#include <chrono>
#include <future>
#include <memory>
#include <thread>
#include <tuple>
#include <utility>

#include "gtest/gtest.h"
#include "services/classifier/rpc/classifier_service.h"
#include "services/classifier/rpc/testing/serve.h"
#include "tests/support/fake_classifier.h"

namespace verdict {
namespace {

v1::StreamClassifyRequest Request(const std::string& id) {
  v1::StreamClassifyRequest message;
  message.set_id(id);
  message.mutable_request()->add_inputs()->set_text("x");
  return message;
}

// Says that it is overloaded first; then answers, and lingers where it was called until it is told to return.
class LingeringClassifier : public Classifier {
 public:
  void Classify(ClassifyRequest, CallContext, Done done) override {
    if (!std::exchange(asked_before_, true)) return done(absl::ResourceExhaustedError("overloaded"));
    done(absl::CancelledError("the caller went away"));
    lingers.set_value();
    may_return.get_future().wait();
  }

  std::promise<void> lingers, may_return;

 private:
  bool asked_before_ = false;
};

class StreamEndTest : public testing::Test {
 protected:
  void Serve(Classifier& classifier) {
    service_ = std::make_unique<ClassifierService>(classifier, ClassifierService::Limits{});
    std::shared_ptr<grpc::Channel> channel;
    std::tie(server_, channel) = ServeLocally({service_.get()});
    stub_ = v1::Classifier::NewStub(channel);
  }

  // Cancels what streams there are, and is over when they are.
  std::future<void> ShutDown() {
    return std::async(std::launch::async, [this] {
      server_->Shutdown(std::chrono::system_clock::now());
      server_->Wait();
    });
  }

  std::unique_ptr<ClassifierService> service_;
  std::unique_ptr<grpc::Server> server_;
  std::unique_ptr<v1::Classifier::Stub> stub_;
  grpc::ClientContext context_;
};

TEST_F(StreamEndTest, ACancelledStreamEndsOnlyWhenNothingIsWithTheClassifier) {
  FakeClassifier classifier;
  Serve(classifier);
  classifier.Hold();
  const auto stream = stub_->StreamClassify(&context_);
  for (const char* id : {"a", "b"}) ASSERT_TRUE(stream->Write(Request(id)));
  classifier.AwaitCalls(2);
  auto down = ShutDown();
  while (!classifier.contexts().at(0).IsCancelled()) std::this_thread::yield();
  classifier.ReleaseLast();
  EXPECT_EQ(down.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  classifier.ReleaseLast();
  down.get();
}

TEST_F(StreamEndTest, AStreamEndsOnlyWhenATryIsBackFromTheClassifier) {
  LingeringClassifier classifier;
  Serve(classifier);
  const auto stream = stub_->StreamClassify(&context_);
  ASSERT_TRUE(stream->Write(Request("a")));
  stream->WritesDone();
  classifier.lingers.get_future().wait();
  auto down = ShutDown();
  EXPECT_EQ(down.wait_for(std::chrono::milliseconds(200)), std::future_status::timeout);
  classifier.may_return.set_value();
  down.get();
}

}  // namespace
}  // namespace verdict
