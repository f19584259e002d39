#include <filesystem>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "services/classifier/server.h"
#include "tests/support/recording_observer.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;
using grpc::StatusCode;
using grpc::health::v1::HealthCheckResponse;
using testing::ElementsAre;
using testing::HasSubstr;

// Several models, all of them the demo model.
class ModelsServerTest : public testing::Test {
 protected:
  ModelsServerTest() {
    options_.grpc_listen = {"127.0.0.1:0"};
    options_.threads = 1;
    options_.models_root = root_.path().string();
  }

  std::string Copy(const std::string& name) {
    const fs::path to = root_.path() / name;
    fs::create_directories(to);
    for (const auto& file : fs::directory_iterator(fs::path(VERDICT_SOURCE_DIR) / "models/demo")) {
      fs::copy_file(file.path(), to / file.path().filename());
    }
    return to.string();
  }

  void Start() {
    server_.emplace(options_, std::vector<ClassifyObserver*>{&observer_});
    const auto ports = server_->Start();
    ASSERT_TRUE(ports.ok()) << ports.status();
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(ports->front()), grpc::InsecureChannelCredentials());
  }

  grpc::Status Classify(const std::string& model, v1::ClassifyResponse& response) {
    grpc::ClientContext context;
    v1::ClassifyRequest request;
    request.set_model(model);
    request.add_inputs()->set_text("I lost my card");
    return v1::Classifier::NewStub(channel_)->Classify(&context, request, &response);
  }
  StatusCode CodeOf(const std::string& model) {
    v1::ClassifyResponse response;
    return Classify(model, response).error_code();
  }

  grpc::Status Load(const std::string& name, const std::string& path) {
    grpc::ClientContext context;
    v1::LoadModelRequest request;
    request.set_name(name);
    request.set_path(path);
    v1::Model model;
    return v1::Models::NewStub(channel_)->LoadModel(&context, request, &model);
  }
  grpc::Status Unload(const std::string& name) {
    grpc::ClientContext context;
    v1::UnloadModelRequest request;
    request.set_name(name);
    v1::UnloadModelResponse response;
    return v1::Models::NewStub(channel_)->UnloadModel(&context, request, &response);
  }
  std::vector<std::string> Names() {
    grpc::ClientContext context;
    v1::ListModelsResponse list;
    EXPECT_TRUE(v1::Models::NewStub(channel_)->ListModels(&context, {}, &list).ok());
    std::vector<std::string> names;
    for (const auto& model : list.models()) names.push_back(model.name());
    return names;
  }
  HealthCheckResponse::ServingStatus Health() {
    grpc::ClientContext context;
    HealthCheckResponse response;
    EXPECT_TRUE(grpc::health::v1::Health::NewStub(channel_)->Check(&context, {}, &response).ok());
    return response.status();
  }

  TempDirectory root_;
  ServiceOptions options_;
  RecordingObserver observer_;
  std::optional<Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ModelsServerTest, ServesSeveralModelsByName) {
  options_.models = {"a=" + Copy("a"), "b=" + Copy("b")};
  Start();
  EXPECT_EQ(CodeOf("b"), StatusCode::UNAVAILABLE);
  ASSERT_TRUE(server_->LoadModels().ok());
  EXPECT_THAT(Names(), ElementsAre("a", "b"));
  v1::ClassifyResponse response;
  ASSERT_TRUE(Classify("", response).ok());
  EXPECT_EQ(response.model(), "a");
  ASSERT_TRUE(Classify("b", response).ok());
  EXPECT_EQ(response.model(), "b");
  EXPECT_EQ(CodeOf("c"), StatusCode::NOT_FOUND);
  EXPECT_EQ(Load("c", Copy("c")).error_code(), StatusCode::PERMISSION_DENIED);
}

TEST_F(ModelsServerTest, TellsAnObserverOfModelsBatchesAndCalls) {
  options_.models = {"a=" + Copy("a")};
  options_.multi_model = true;
  Start();
  ASSERT_TRUE(server_->LoadModels().ok());
  ASSERT_TRUE(Load("b", Copy("b")).ok());
  EXPECT_FALSE(Load("c", (root_.path() / "empty").string()).ok());
  fs::create_directory(root_.path() / "empty");
  EXPECT_FALSE(Load("c", (root_.path() / "empty").string()).ok());
  v1::ClassifyResponse response;
  ASSERT_TRUE(Classify("b", response).ok());
  ASSERT_TRUE(Unload("b").ok());
  using Kind = ModelChange::Kind;
  std::vector<std::pair<std::string, Kind>> changes;
  for (const auto& change : observer_.changes()) changes.emplace_back(change.model, change.kind);
  EXPECT_THAT(changes, ElementsAre(testing::Pair("a", Kind::kLoaded), testing::Pair("b", Kind::kLoaded),
                                   testing::Pair("c", Kind::kNotLoaded), testing::Pair("b", Kind::kUnloaded)));
  EXPECT_EQ(observer_.changes()[2].status.code(), absl::StatusCode::kNotFound);
  const auto calls = observer_.calls();
  ASSERT_EQ(calls.size(), 1u);
  EXPECT_EQ(calls[0].model, "b");
  EXPECT_EQ(calls[0].model_version, response.model_version());
  const auto batches = observer_.batches();
  ASSERT_EQ(batches.size(), 1u);
  EXPECT_EQ(batches[0].model, "b");
  EXPECT_EQ(batches[0].model_version, response.model_version());
  EXPECT_THAT(calls[0].response.batches, ElementsAre(batches[0].id));
}

TEST_F(ModelsServerTest, AFolderOfModelsThatFillsLater) {
  options_.models_dir = (root_.path() / "models").string();
  options_.model_retry_ms = 1;
  Start();
  EXPECT_EQ(server_->LoadModels().code(), absl::StatusCode::kNotFound);
  v1::ClassifyResponse response;
  const grpc::Status early = Classify("", response);
  EXPECT_EQ(early.error_code(), StatusCode::UNAVAILABLE);
  EXPECT_EQ(early.error_message(), "no model is loaded yet");
  Copy("models/good");
  fs::create_directories(root_.path() / "models/bad");
  root_.Write("models/bad/config.json", "{");
  const absl::Status half = server_->LoadModels();
  EXPECT_THAT(std::string(half.message()), HasSubstr("model \"bad\": "));
  EXPECT_EQ(Health(), HealthCheckResponse::NOT_SERVING);
  EXPECT_EQ(CodeOf("good"), StatusCode::OK);
  EXPECT_EQ(CodeOf("bad"), StatusCode::UNAVAILABLE);
  fs::remove_all(root_.path() / "models/bad");
  Copy("models/bad");
  EXPECT_TRUE(server_->LoadModels().ok());
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
  EXPECT_EQ(CodeOf("bad"), StatusCode::OK);
}

TEST_F(ModelsServerTest, LoadsAndUnloadsOnRequest) {
  options_.multi_model = true;
  Start();
  ASSERT_TRUE(server_->LoadModels().ok());
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
  EXPECT_THAT(Names(), ElementsAre());
  EXPECT_EQ(CodeOf(""), StatusCode::NOT_FOUND);
  EXPECT_TRUE(Load("a", Copy("a")).ok());
  EXPECT_EQ(Load("a", (root_.path() / "a").string()).error_code(), StatusCode::ALREADY_EXISTS);
  EXPECT_EQ(Load("b", "/etc").error_code(), StatusCode::PERMISSION_DENIED);
  EXPECT_EQ(Load("b", (root_.path() / "b").string()).error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(CodeOf("a"), StatusCode::OK);
  EXPECT_TRUE(Unload("a").ok());
  EXPECT_EQ(Unload("a").error_code(), StatusCode::NOT_FOUND);
  EXPECT_EQ(CodeOf("a"), StatusCode::NOT_FOUND);
  EXPECT_EQ(Health(), HealthCheckResponse::SERVING);
}

TEST_F(ModelsServerTest, AModelThatDoesNotFitIsRefused) {
  options_.multi_model = true;
  options_.memory_limit_bytes = 1'000'000;
  Start();
  ASSERT_TRUE(server_->LoadModels().ok());
  const grpc::Status status = Load("a", Copy("a"));
  EXPECT_EQ(status.error_code(), StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_THAT(status.error_message(), HasSubstr("0.0 MB of 1.0 MB are left"));
}

TEST_F(ModelsServerTest, RoutesThroughACascade) {
  options_.models = {"general=" + Copy("general"), "low_volume=" + Copy("low_volume")};
  options_.cascade = R"({"name": "router", "fallback_label": 360001, "steps": [
      {"model": "general", "pass_on_labels": ["lost_or_stolen_card"]}, {"model": "low_volume", "pass_on_below": 1}]})";
  Start();
  ASSERT_TRUE(server_->LoadModels().ok());
  EXPECT_THAT(Names(), ElementsAre("general", "low_volume", "router"));
  v1::ClassifyResponse response;
  ASSERT_TRUE(Classify("", response).ok());
  EXPECT_EQ(response.model(), "router");
  const v1::Classification& result = response.results(0);
  ASSERT_EQ(result.cascade_steps_size(), 3) << response.DebugString();
  EXPECT_EQ(result.labels(0).label(), "360001");
  EXPECT_EQ(result.cascade_steps(0).outcome(), v1::CASCADE_OUTCOME_PASSED_ON_BY_LABEL);
  EXPECT_EQ(result.cascade_steps(1).outcome(), v1::CASCADE_OUTCOME_PASSED_ON_BY_SCORE);
  EXPECT_EQ(result.cascade_steps(2).outcome(), v1::CASCADE_OUTCOME_FALLBACK);
  EXPECT_FLOAT_EQ(result.labels(0).score(), result.cascade_steps(1).score());
}

TEST_F(ModelsServerTest, ABadDeclarationIsAFailureToStart) {
  options_.cascade = R"({"name": "router"})";
  Server server(options_);
  const absl::Status status = server.Start().status();
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(status.message()), HasSubstr("--cascade: cascade: steps:"));
}

TEST_F(ModelsServerTest, AModelThatCannotBeLoadedIsNamed) {
  options_.models = {"a=" + Copy("a"), "b=/no/such/directory"};
  Start();
  const absl::Status status = server_->LoadModels();
  EXPECT_THAT(std::string(status.message()), HasSubstr("model \"b\": /no/such/directory: no such model directory"));
  EXPECT_EQ(Health(), HealthCheckResponse::NOT_SERVING);
}

}  // namespace
}  // namespace verdict
