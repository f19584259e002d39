#include <condition_variable>
#include <future>
#include <memory>
#include <mutex>
#include <thread>
#include <tuple>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "services/classifier/rpc/classifier_service.h"
#include "services/classifier/rpc/health_service.h"
#include "services/classifier/rpc/models_service.h"
#include "services/classifier/rpc/testing/serve.h"
#include "services/classifier/rpc/unary_call.h"
#include "tests/support/fake_classifier.h"

namespace verdict {
namespace {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using testing::HasSubstr;

class FakeCatalog : public ModelCatalog {
 public:
  std::vector<ModelInfo> List() const override { return {Info()}; }
  absl::StatusOr<ModelInfo> Get(const std::string& name, const std::string&) const override {
    if (name == "tickets") return Info();
    return absl::NotFoundError("no model is named that");
  }

 private:
  static ModelInfo Info() {
    return {.name = "tickets",
            .version = "7",
            .is_default = true,
            .architecture = "bert",
            .backend = "native",
            .labels = {"0", "1"},
            .max_tokens = 512,
            .default_function_to_apply = "softmax",
            .precision = "fp32",
            .parameters = 42,
            .loaded_at = absl::FromUnixMicros(1'500'000),
            .path = "/models/tickets",
            .memory_bytes = 1000};
  }
};

// Says what it was asked for, or fails on demand; answers on a thread of its own. Behind a mutex, as gRPC's own synchronisation
// is invisible to the thread sanitizer.
class FakeAdmin : public ModelAdmin {
 public:
  ~FakeAdmin() override {
    for (auto& thread : threads_) thread.join();
  }
  void Load(const std::string& name, const std::string& path, Loaded done) override {
    const std::lock_guard lock(mutex_);
    threads_.emplace_back([failure = failure_, name, path, done = std::move(done)]() mutable {
      if (!failure.ok()) return done(failure);
      ModelInfo info;
      info.name = name;
      info.path = path;
      done(std::move(info));
    });
  }
  void Unload(const std::string& name, Unloaded done) override {
    absl::Status failure;
    {
      const std::lock_guard lock(mutex_);
      unloaded_ = name;
      failure = failure_;
    }
    done(failure);
  }

  void Fail(absl::Status failure) {
    const std::lock_guard lock(mutex_);
    failure_ = std::move(failure);
  }
  std::string unloaded() {
    const std::lock_guard lock(mutex_);
    return unloaded_;
  }

 private:
  std::mutex mutex_;
  absl::Status failure_;
  std::string unloaded_;
  std::vector<std::thread> threads_;
};

// The services behind a real server on a free port.
class RpcServicesTest : public testing::Test {
 protected:
  RpcServicesTest() {
    std::tie(server_, channel_) = ServeLocally({&classifier_service_, &models_service_, &health_service_});
    classify_ = v1::Classifier::NewStub(channel_);
  }
  ~RpcServicesTest() override {
    health_service_.Close();
    server_->Shutdown();
  }

  grpc::Status Classify(v1::ClassifyResponse& response) { return classify_->Classify(&context_, request_, &response); }

  FakeClassifier classifier_;
  FakeCatalog catalog_;
  ClassifierService classifier_service_{classifier_, {.max_inputs = 3, .max_deadline = absl::Seconds(30)}};
  FakeAdmin admin_;
  ModelsService models_service_{catalog_, admin_};
  HealthService health_service_{{"verdict.v1.Classifier"}};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Classifier::Stub> classify_;
  grpc::ClientContext context_;
  v1::ClassifyRequest request_;
};

TEST_F(RpcServicesTest, ClassifiesAndEchoesTheRequestId) {
  request_.add_inputs()->set_text("one");
  context_.AddMetadata("x-request-id", "abc-123");
  v1::ClassifyResponse response;
  ASSERT_TRUE(Classify(response).ok());
  EXPECT_EQ(response.results_size(), 1);
  EXPECT_EQ(response.results(0).labels(0).label(), "one");
  EXPECT_EQ(classifier_.contexts().at(0).request_id, "abc-123");
  const auto& trailers = context_.GetServerTrailingMetadata();
  const auto id = trailers.find("x-request-id");
  ASSERT_NE(id, trailers.end());
  EXPECT_EQ(std::string(id->second.data(), id->second.size()), "abc-123");
}

TEST_F(RpcServicesTest, PassesTheDeadlineOnAndCapsIt) {
  request_.add_inputs()->set_text("one");
  const absl::Time wanted = absl::Now() + absl::Seconds(5);
  context_.set_deadline(absl::ToChronoTime(wanted));
  v1::ClassifyResponse response;
  ASSERT_TRUE(Classify(response).ok());
  EXPECT_LT(absl::AbsDuration(classifier_.contexts().at(0).deadline - wanted), absl::Seconds(1));
  grpc::ClientContext endless;
  ASSERT_TRUE(classify_->Classify(&endless, request_, &response).ok());
  EXPECT_LT(classifier_.contexts().at(1).deadline, absl::Now() + absl::Seconds(31));
}

TEST_F(RpcServicesTest, ErrorsKeepTheirCodeAndMessage) {
  request_.add_inputs()->set_text("one");
  for (const auto code : {absl::StatusCode::kInvalidArgument, absl::StatusCode::kNotFound, absl::StatusCode::kResourceExhausted,
                          absl::StatusCode::kUnavailable, absl::StatusCode::kDeadlineExceeded}) {
    classifier_.FailNext(absl::Status(code, "because"));
    grpc::ClientContext context;
    v1::ClassifyResponse response;
    const grpc::Status status = classify_->Classify(&context, request_, &response);
    EXPECT_EQ(static_cast<int>(status.error_code()), static_cast<int>(code));
    EXPECT_EQ(status.error_message(), "because");
  }
}

TEST_F(RpcServicesTest, FaultsOfOursAreNotLeaked) {
  request_.add_inputs()->set_text("one");
  classifier_.FailNext(absl::InternalError("/secret/path: broken"));
  v1::ClassifyResponse response;
  const grpc::Status status = Classify(response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INTERNAL);
  EXPECT_THAT(status.error_message(), testing::Not(HasSubstr("secret")));
}

TEST_F(RpcServicesTest, RefusesTooManyInputs) {
  for (int i = 0; i < 4; ++i) request_.add_inputs();
  v1::ClassifyResponse response;
  const grpc::Status status = Classify(response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("4 texts, at most 3"));
}

TEST_F(RpcServicesTest, SaysWhereATextIsNotUtf8) {
  // A stub of ours would refuse to send this, so the bytes are written by hand: inputs { text: "ok" } inputs { text: "a\xFF" }.
  const std::string bytes = std::string("\x1A\x04\x0A\x02ok\x1A\x04\x0A\x02") + "a\xFF";
  grpc::Slice slice(bytes);
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::GenericStub stub(channel_);
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context_, "/verdict.v1.Classifier/Classify", {}, &request, &response,
                 [&](grpc::Status status) { done.set_value(status); });
  const grpc::Status status = done.get_future().get();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(status.error_message(), "inputs[1].text: is not valid UTF-8 at byte 1");
}

TEST_F(RpcServicesTest, ACallerThatGoesAwayIsSeen) {
  request_.add_inputs()->set_text("one");
  classifier_.Hold();
  std::promise<grpc::Status> done;
  v1::ClassifyResponse response;
  classify_->async()->Classify(&context_, &request_, &response, [&](grpc::Status status) { done.set_value(status); });
  classifier_.AwaitCalls(1);
  EXPECT_FALSE(classifier_.contexts().at(0).IsCancelled());
  context_.TryCancel();
  EXPECT_EQ(done.get_future().get().error_code(), grpc::StatusCode::CANCELLED);
  while (!classifier_.contexts().at(0).IsCancelled()) std::this_thread::yield();  // the server learns it a moment later
  classifier_.Release();
}

TEST_F(RpcServicesTest, ListsAndDescribesModels) {
  const auto stub = v1::Models::NewStub(channel_);
  v1::ListModelsResponse list;
  ASSERT_TRUE(stub->ListModels(&context_, {}, &list).ok());
  ASSERT_EQ(list.models_size(), 1);
  const v1::Model& model = list.models(0);
  EXPECT_EQ(model.name(), "tickets");
  EXPECT_EQ(model.labels_size(), 2);
  EXPECT_EQ(model.parameters(), 42u);
  EXPECT_EQ(model.path(), "/models/tickets");
  EXPECT_EQ(model.memory_bytes(), 1000u);
  EXPECT_EQ(model.loaded_at().seconds(), 1);
  EXPECT_EQ(model.loaded_at().nanos(), 500'000'000);
  grpc::ClientContext second, third;
  v1::GetModelRequest request;
  request.set_name("tickets");
  v1::Model one;
  EXPECT_TRUE(stub->GetModel(&second, request, &one).ok());
  EXPECT_EQ(one.version(), "7");
  request.set_name("other");
  EXPECT_EQ(stub->GetModel(&third, request, &one).error_code(), grpc::StatusCode::NOT_FOUND);
}

TEST_F(RpcServicesTest, LoadsAndUnloadsModels) {
  const auto stub = v1::Models::NewStub(channel_);
  v1::LoadModelRequest load;
  load.set_name("mood");
  load.set_path("/models/mood");
  v1::Model model;
  grpc::ClientContext second;
  ASSERT_TRUE(stub->LoadModel(&context_, load, &model).ok());
  EXPECT_EQ(model.name(), "mood");
  EXPECT_EQ(model.path(), "/models/mood");
  v1::UnloadModelRequest unload;
  unload.set_name("mood");
  v1::UnloadModelResponse none;
  ASSERT_TRUE(stub->UnloadModel(&second, unload, &none).ok());
  EXPECT_EQ(admin_.unloaded(), "mood");
  for (const auto code :
       {absl::StatusCode::kInvalidArgument, absl::StatusCode::kNotFound, absl::StatusCode::kAlreadyExists,
        absl::StatusCode::kResourceExhausted, absl::StatusCode::kPermissionDenied, absl::StatusCode::kInternal}) {
    admin_.Fail(absl::Status(code, "because of /secret"));
    grpc::ClientContext third, fourth;
    for (const grpc::Status& status : {stub->LoadModel(&third, load, &model), stub->UnloadModel(&fourth, unload, &none)}) {
      EXPECT_EQ(static_cast<int>(status.error_code()), static_cast<int>(code));
      EXPECT_EQ(status.error_message() == "because of /secret", code != absl::StatusCode::kInternal);
    }
  }
}

TEST_F(RpcServicesTest, HealthChecksFollowTheStatus) {
  const auto stub = grpc::health::v1::Health::NewStub(channel_);
  const auto check = [&](const std::string& service, HealthCheckResponse& response) {
    grpc::ClientContext context;
    HealthCheckRequest request;
    request.set_service(service);
    return stub->Check(&context, request, &response).error_code();
  };
  HealthCheckResponse response;
  for (const bool serving : {false, true, false}) {
    if (serving)
      health_service_.SetServing(true);
    else
      health_service_.SetServing(false);
    for (const char* service : {"", "verdict.v1.Classifier"}) {
      EXPECT_EQ(check(service, response), grpc::StatusCode::OK);
      EXPECT_EQ(response.status(), serving ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING);
    }
  }
  EXPECT_EQ(check("no.such.Service", response), grpc::StatusCode::NOT_FOUND);
}

TEST_F(RpcServicesTest, LivenessIsApartFromReadinessWhichNeedsIt) {
  const auto stub = grpc::health::v1::Health::NewStub(channel_);
  const auto serves = [&](const std::string& service) {
    grpc::ClientContext context;
    HealthCheckRequest request;
    HealthCheckResponse response;
    request.set_service(service);
    EXPECT_TRUE(stub->Check(&context, request, &response).ok());
    return response.status() == HealthCheckResponse::SERVING;
  };
  EXPECT_TRUE(serves("liveness"));
  EXPECT_FALSE(serves(""));
  health_service_.SetServing(true);
  health_service_.SetLive(false);
  EXPECT_FALSE(serves("liveness"));
  EXPECT_FALSE(serves(""));
  EXPECT_FALSE(health_service_.IsServing());
  health_service_.SetLive(true);
  EXPECT_TRUE(serves(""));
  health_service_.Leave();
  health_service_.SetServing(true);  // too late
  EXPECT_FALSE(serves(""));
  EXPECT_TRUE(serves("liveness"));
}

TEST_F(RpcServicesTest, HealthListsEveryService) {
  const auto stub = grpc::health::v1::Health::NewStub(channel_);
  health_service_.SetServing(true);
  grpc::health::v1::HealthListResponse response;
  ASSERT_TRUE(stub->List(&context_, {}, &response).ok());
  ASSERT_EQ(response.statuses_size(), 3);
  for (const char* service : {"", "verdict.v1.Classifier", "liveness"}) {
    ASSERT_TRUE(response.statuses().contains(service));
    EXPECT_EQ(response.statuses().at(service).status(), HealthCheckResponse::SERVING);
  }
}

TEST_F(RpcServicesTest, ErrorsOfEveryServiceCarryDetails) {
  context_.AddMetadata("x-request-id", "abc-123");
  v1::ClassifyResponse response;
  google::rpc::Status error;
  ASSERT_TRUE(error.ParseFromString(Classify(response).error_details()));
  EXPECT_EQ(error.code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(error.details_size(), 3);  // ErrorInfo, BadRequest, RequestInfo
  grpc::ClientContext context;
  v1::GetModelRequest request;
  request.set_name("other");
  v1::Model model;
  const grpc::Status status = v1::Models::NewStub(channel_)->GetModel(&context, request, &model);
  ASSERT_TRUE(error.ParseFromString(status.error_details()));
  EXPECT_EQ(error.code(), grpc::StatusCode::NOT_FOUND);
}

TEST(IsRequestId, TakesVisibleAsciiAlone) {
  EXPECT_TRUE(IsRequestId("!~abc-123"));
  EXPECT_TRUE(IsRequestId(std::string(128, 'x')));
  EXPECT_FALSE(IsRequestId(std::string(129, 'x')));
  EXPECT_FALSE(IsRequestId(""));
  for (const int byte : {0x00, 0x09, 0x0A, 0x1F, 0x20, 0x7F, 0x80, 0xC3, 0xFF}) {
    EXPECT_FALSE(IsRequestId(std::string("a") + static_cast<char>(byte) + "b")) << byte;
  }
}

TEST_F(RpcServicesTest, ARequestIdThatIsNoneIsIgnored) {
  context_.AddMetadata("x-request-id", "two words");
  v1::ClassifyResponse response;
  google::rpc::Status error;
  ASSERT_TRUE(error.ParseFromString(Classify(response).error_details()));
  EXPECT_EQ(error.details_size(), 2);  // no RequestInfo
  EXPECT_EQ(context_.GetServerTrailingMetadata().count("x-request-id"), 0u);
}

TEST_F(RpcServicesTest, WatchTellsEveryChangeUntilClosed) {
  const auto stub = grpc::health::v1::Health::NewStub(channel_);
  const auto reader = stub->Watch(&context_, {});
  HealthCheckResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::NOT_SERVING);
  health_service_.SetServing(true);
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVING);
  health_service_.Close();
  EXPECT_FALSE(reader->Read(&response));
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(RpcServicesTest, WatchOfAnUnknownServiceStaysOpen) {
  const auto stub = grpc::health::v1::Health::NewStub(channel_);
  HealthCheckRequest request;
  request.set_service("no.such.Service");
  const auto reader = stub->Watch(&context_, request);
  HealthCheckResponse response;
  ASSERT_TRUE(reader->Read(&response));
  EXPECT_EQ(response.status(), HealthCheckResponse::SERVICE_UNKNOWN);
  context_.TryCancel();
  EXPECT_EQ(reader->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

}  // namespace
}  // namespace verdict
