#include "gateway/client/grpc_classifier_client.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <future>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "gateway/testing/event.h"
#include "gmock/gmock.h"
#include "grpcpp/server_builder.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr absl::Duration kPatience = absl::Seconds(10);

// Answers with the status it is told to, or holds its calls until they are cancelled.
class FakeClassifierService : public v1::Classifier::CallbackService {
 public:
  grpc::ServerUnaryReactor* Classify(grpc::CallbackServerContext* context, const v1::ClassifyRequest* request,
                                     v1::ClassifyResponse* response) override {
    const std::lock_guard lock(mutex_);
    ++calls_;
    last_request_ = *request;
    last_deadline_ = context->deadline();
    const auto sent = [&](const char* name) {
      const auto found = context->client_metadata().find(name);
      return found == context->client_metadata().end() ? "" : std::string(found->second.data(), found->second.size());
    };
    last_request_id_ = sent("x-request-id");
    last_other_ids_ = sent("x-amzn-sagemaker-inference-id") + "," + sent("traceparent");
    if (hold_) return new Held(this);
    v1::LabelScore& label = *response->add_results()->add_labels();
    label.set_label(reply_label_);
    label.set_score(0.75f);
    auto* reactor = context->DefaultReactor();
    reactor->Finish(status_);
    return reactor;
  }

  void Fail(grpc::Status status) { status_ = std::move(status); }
  void Hold() { hold_ = true; }
  void ReplyLabel(std::string label) { reply_label_ = std::move(label); }
  bool AwaitHeldCall() { return held_.Await(); }
  bool AwaitCancel() { return cancelled_.Await(); }
  v1::ClassifyRequest last_request() {
    const std::lock_guard lock(mutex_);
    return last_request_;
  }
  std::string last_other_ids() {
    const std::lock_guard lock(mutex_);
    return last_other_ids_;
  }
  std::string last_request_id() {
    const std::lock_guard lock(mutex_);
    return last_request_id_;
  }
  absl::Time last_deadline() {
    const std::lock_guard lock(mutex_);
    return absl::FromChrono(last_deadline_);
  }

 private:
  class Held : public grpc::ServerUnaryReactor {
   public:
    explicit Held(FakeClassifierService* service) : service_(service) { service_->held_.Notify(); }
    void OnCancel() override {
      service_->cancelled_.Notify();
      Finish(grpc::Status::CANCELLED);
    }
    void OnDone() override { delete this; }

   private:
    FakeClassifierService* const service_;
  };

  std::mutex mutex_;
  int calls_ = 0;
  bool hold_ = false;
  grpc::Status status_ = grpc::Status::OK;
  std::string reply_label_ = "label";
  v1::ClassifyRequest last_request_;
  std::string last_request_id_, last_other_ids_;
  std::chrono::system_clock::time_point last_deadline_;
  Event held_;
  Event cancelled_;
};

class GrpcClassifierClientTest : public ::testing::Test {
 protected:
  GrpcClassifierClientTest() {
    char folder[] = "/tmp/verdict-client-test-XXXXXX";
    folder_ = mkdtemp(folder);
    grpc::EnableDefaultHealthCheckService(true);
  }
  ~GrpcClassifierClientTest() override {
    Stop();
    (void)!system(("rm -rf " + folder_).c_str());
  }

  std::string UnixTarget() const { return "unix:" + folder_ + "/service.sock"; }

  // Returns the port of TCP addresses.
  int StartAt(const std::string& address) {
    int port = 0;
    grpc::ServerBuilder builder;
    builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
    builder.SetMaxReceiveMessageSize(-1);
    builder.RegisterService(&service_);
    server_ = builder.BuildAndStart();
    EXPECT_NE(server_, nullptr);
    return port;
  }
  void Stop() {
    if (!server_) return;
    server_->Shutdown(std::chrono::system_clock::now());
    server_->Wait();
    server_.reset();
  }
  void SetServing(bool serving) { server_->GetHealthCheckService()->SetServingStatus("verdict.v1.Classifier", serving); }

  static absl::StatusOr<ClassifyReply> Classify(ClassifierClient& client, ClassifyCall call = {}, CallOptions options = {}) {
    std::promise<absl::StatusOr<ClassifyReply>> done;
    client.Classify(std::move(call), std::move(options), [&](absl::StatusOr<ClassifyReply> r) { done.set_value(std::move(r)); });
    return done.get_future().get();
  }
  static absl::Status Health(ClassifierClient& client) {
    std::promise<absl::Status> done;
    client.CheckHealth(absl::Now() + kPatience, [&](absl::Status s) { done.set_value(std::move(s)); });
    return done.get_future().get();
  }

  std::string folder_;
  FakeClassifierService service_;
  std::unique_ptr<grpc::Server> server_;
};

TEST_F(GrpcClassifierClientTest, CallsOverTcpWithRequestIdAndDeadline) {
  GrpcClassifierClient client("127.0.0.1:" + std::to_string(StartAt("127.0.0.1:0")));
  ClassifyCall call;
  call.inputs = {{"hello", std::nullopt}};
  const absl::Time deadline = absl::Now() + absl::Minutes(5);
  const auto reply =
      Classify(client, call, {.deadline = deadline, .request_id = "id-7", .inference_id = "i", .trace_parent = "t"});
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->results.at(0).labels.at(0).label, "label");
  EXPECT_EQ(service_.last_request().inputs(0).text(), "hello");
  EXPECT_EQ(service_.last_request_id(), "id-7");
  EXPECT_EQ(service_.last_other_ids(), "i,t");
  EXPECT_LT(absl::AbsDuration(service_.last_deadline() - deadline), absl::Seconds(5));
}

TEST_F(GrpcClassifierClientTest, WhatMetadataCannotHoldIsLeftOut) {
  GrpcClassifierClient client("127.0.0.1:" + std::to_string(StartAt("127.0.0.1:0")));
  const auto reply =
      Classify(client, {}, {.request_id = "a\nb", .inference_id = "\xC3\xA4", .trace_parent = "t", .trace_state = "a=b,\tc=d"});
  ASSERT_TRUE(reply.ok()) << reply.status() << ": gRPC ends a process that gives it such values";
  EXPECT_EQ(service_.last_request_id(), "");
  EXPECT_EQ(service_.last_other_ids(), ",t");
}

TEST_F(GrpcClassifierClientTest, CallsOverAUnixSocketWithoutEither) {
  StartAt(UnixTarget());
  GrpcClassifierClient client(UnixTarget());
  EXPECT_TRUE(Classify(client).ok());
  EXPECT_EQ(service_.last_request_id(), "");
  EXPECT_EQ(service_.last_other_ids(), ",");
  EXPECT_GT(service_.last_deadline(), absl::Now() + absl::Hours(1));
}

TEST_F(GrpcClassifierClientTest, PassesFailuresOn) {
  service_.Fail({grpc::StatusCode::RESOURCE_EXHAUSTED, "too much"});
  StartAt(UnixTarget());
  GrpcClassifierClient client(UnixTarget());
  const absl::Status status = Classify(client).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kResourceExhausted);
  EXPECT_EQ(status.message(), "too much");
}

TEST_F(GrpcClassifierClientTest, LargeMessagesPassBothWays) {
  service_.ReplyLabel(std::string(8 << 20, 'l'));
  StartAt(UnixTarget());
  GrpcClassifierClient client(UnixTarget());
  ClassifyCall call;
  call.inputs = {{std::string(20 << 20, 't'), std::nullopt}};
  const auto reply = Classify(client, call);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->results[0].labels[0].label.size(), size_t{8 << 20});
  EXPECT_EQ(service_.last_request().inputs(0).text().size(), size_t{20 << 20});
}

TEST_F(GrpcClassifierClientTest, EndsAtTheDeadline) {
  service_.Hold();
  StartAt(UnixTarget());
  GrpcClassifierClient client(UnixTarget());
  const auto status = Classify(client, {}, {.deadline = absl::Now() + absl::Milliseconds(200), .request_id = ""}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
}

// Of itself: there is no service to do it.
TEST_F(GrpcClassifierClientTest, EndsAtTheDeadlineWhenNothingAnswers) {
  const int listener = socket(AF_UNIX, SOCK_STREAM, 0);
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  (folder_ + "/service.sock").copy(address.sun_path, sizeof(address.sun_path) - 1);
  ASSERT_EQ(bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof(address)), 0);
  ASSERT_EQ(listen(listener, 8), 0);
  {
    GrpcClassifierClient client(UnixTarget());
    const auto status = Classify(client, {}, {.deadline = absl::Now() + absl::Milliseconds(200), .request_id = ""}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded) << status;
  }
  close(listener);
}

TEST_F(GrpcClassifierClientTest, CancelReachesTheService) {
  service_.Hold();
  StartAt(UnixTarget());
  GrpcClassifierClient client(UnixTarget());
  std::promise<absl::Status> done;
  CancelCall cancel = client.Classify({}, {}, [&](absl::StatusOr<ClassifyReply> r) { done.set_value(r.status()); });
  ASSERT_TRUE(service_.AwaitHeldCall());
  cancel();
  cancel();  // may be called again
  EXPECT_EQ(done.get_future().get().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(service_.AwaitCancel());
  cancel();
}

TEST_F(GrpcClassifierClientTest, TheDestructorEndsWhatIsUnderWay) {
  service_.Hold();
  StartAt(UnixTarget());
  absl::Status status;
  {
    GrpcClassifierClient client(UnixTarget());
    client.Classify({}, {}, [&](absl::StatusOr<ClassifyReply> r) { status = r.status(); });
    ASSERT_TRUE(service_.AwaitHeldCall());
  }
  EXPECT_EQ(status.code(), absl::StatusCode::kCancelled);
}

TEST_F(GrpcClassifierClientTest, CallsOfManyThreadsEachEndOnce) {
  constexpr int kThreads = 4;
  constexpr int kCalls = 50;
  StartAt(UnixTarget());
  std::atomic<int> answered = 0;
  std::atomic<int> failed = 0;
  {
    GrpcClassifierClient client(UnixTarget());
    std::vector<std::thread> threads;
    for (int i = 0; i < kThreads; ++i) {
      threads.emplace_back([&] {
        for (int call = 0; call < kCalls; ++call) {
          if (!Classify(client).ok()) ++failed;
          client.Classify({}, {}, [&](const absl::StatusOr<ClassifyReply>&) { ++answered; });  // and does not wait for it
        }
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
  EXPECT_EQ(failed, 0);
  EXPECT_EQ(answered, kThreads * kCalls);
}

// A channel that ends on one of gRPC's own threads ends the process now and then; each round is a chance. Without a server, which
// would share gRPC's threads with the channel and keep them.
TEST_F(GrpcClassifierClientTest, MayEndTheMomentACallHasAnswered) {
  for (int round = 0; round < 100; ++round) {
    Event answered;
    auto client = std::make_unique<GrpcClassifierClient>(UnixTarget());
    CancelCall cancel = client->Classify({}, {}, [&](const absl::StatusOr<ClassifyReply>&) { answered.Notify(); });
    ASSERT_TRUE(answered.Await());
    client.reset();
    cancel();  // too late, and harmless
  }
}

TEST_F(GrpcClassifierClientTest, AnAbsentServiceIsUnavailableAtOnceAndFoundWhenItReturns) {
  GrpcClassifierClient client(UnixTarget());
  EXPECT_EQ(Classify(client).status().code(), absl::StatusCode::kUnavailable);
  StartAt(UnixTarget());
  const absl::Time began = absl::Now();
  while (!Classify(client).ok()) ASSERT_LT(absl::Now() - began, kPatience);
  Stop();
  EXPECT_EQ(Classify(client).status().code(), absl::StatusCode::kUnavailable);
  StartAt(UnixTarget());
  while (!Classify(client).ok()) ASSERT_LT(absl::Now() - began, kPatience);
}

TEST_F(GrpcClassifierClientTest, HealthFollowsTheService) {
  GrpcClassifierClient client(UnixTarget());
  EXPECT_THAT(std::string(Health(client).message()), HasSubstr("cannot be reached"));
  EXPECT_THAT(std::string(Health(client).message()), Not(HasSubstr(folder_)));  // our insides are not for callers
  StartAt(UnixTarget());
  SetServing(false);
  const absl::Time began = absl::Now();
  while (Health(client).message().find("cannot be reached") != absl::string_view::npos) ASSERT_LT(absl::Now() - began, kPatience);
  EXPECT_EQ(Health(client).code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(Health(client).message()), HasSubstr("loading its model"));
  SetServing(true);
  EXPECT_TRUE(Health(client).ok());
}

TEST_F(GrpcClassifierClientTest, SaysWhenSomethingElseAnswers) {
  grpc::EnableDefaultHealthCheckService(false);
  StartAt(UnixTarget());
  GrpcClassifierClient client(UnixTarget());
  EXPECT_THAT(std::string(Health(client).message()), HasSubstr("no health check"));
}

TEST_F(GrpcClassifierClientTest, AProxyOfTheEnvironmentIsNotUsed) {
  const int port = StartAt("127.0.0.1:0");
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  GrpcClassifierClient client("127.0.0.1:" + std::to_string(port));
  EXPECT_TRUE(Classify(client).ok());
  unsetenv("http_proxy");
}

}  // namespace
}  // namespace verdict
