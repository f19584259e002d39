#include "services/classifier/rpc/open_inference_service.h"

#include <future>
#include <memory>
#include <string>
#include <tuple>

#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpcpp/generic/generic_stub.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "services/classifier/rpc/testing/serve.h"
#include "tests/support/fake_classifier.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class OneModel : public ModelCatalog {
 public:
  std::vector<ModelInfo> List() const override { return {info_}; }
  absl::StatusOr<ModelInfo> Get(const std::string& name, const std::string& version) const override {
    if (!name.empty() && name != info_.name) return absl::NotFoundError("no model is named that");
    if (!version.empty() && version != info_.version) return absl::NotFoundError("not in that version");
    return info_;
  }

 private:
  static ModelInfo Info() {
    ModelInfo info;
    info.name = "tickets";
    info.version = "7";
    info.is_default = true;
    info.backend = "native";
    info.labels = {"one", "two"};
    return info;
  }
  const ModelInfo info_ = Info();
};

class OpenInferenceServiceTest : public testing::Test {
 protected:
  OpenInferenceServiceTest() {
    std::tie(server_, channel_) = ServeLocally({&service_});
    stub_ = inference::GRPCInferenceService::NewStub(channel_);
    request_.set_model_name("tickets");
    auto& tensor = *request_.add_inputs();
    tensor.set_name("text");
    tensor.set_datatype("BYTES");
    tensor.add_shape(1);
    tensor.mutable_contents()->add_bytes_contents("one");
  }
  ~OpenInferenceServiceTest() override { server_->Shutdown(); }

  grpc::Status Infer(inference::ModelInferResponse& response) { return stub_->ModelInfer(&context_, request_, &response); }

  FakeClassifier classifier_;
  OneModel catalog_;
  HealthService health_{{}};
  OpenInferenceService service_{{.classifier = classifier_, .catalog = catalog_, .health = health_}, {.max_inputs = 3}};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<inference::GRPCInferenceService::Stub> stub_;
  grpc::ClientContext context_;
  inference::ModelInferRequest request_;
};

TEST_F(OpenInferenceServiceTest, InfersAndEchoesTheIds) {
  request_.set_id("request");
  context_.AddMetadata("x-request-id", "abc");
  inference::ModelInferResponse response;
  const grpc::Status status = Infer(response);
  ASSERT_TRUE(status.ok()) << status.error_message();
  EXPECT_EQ(response.id(), "request");
  EXPECT_THAT(response.outputs(0).contents().bytes_contents(), ElementsAre("one"));
  EXPECT_EQ(classifier_.contexts().at(0).request_id, "abc");
  EXPECT_LT(classifier_.contexts().at(0).deadline, absl::InfiniteFuture());
  EXPECT_EQ(context_.GetServerTrailingMetadata().count("x-request-id"), 1u);
}

TEST_F(OpenInferenceServiceTest, UnknownModelsAndVersionsAreNotFound) {
  inference::ModelInferResponse response;
  request_.set_model_version("8");
  EXPECT_EQ(Infer(response).error_code(), grpc::StatusCode::NOT_FOUND);
  grpc::ClientContext second, third;
  request_.set_model_name("other");
  EXPECT_EQ(stub_->ModelInfer(&second, request_, &response).error_code(), grpc::StatusCode::NOT_FOUND);
  inference::ModelMetadataRequest metadata;
  metadata.set_name("other");
  inference::ModelMetadataResponse model;
  EXPECT_EQ(stub_->ModelMetadata(&third, metadata, &model).error_code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_TRUE(classifier_.contexts().empty());
}

TEST_F(OpenInferenceServiceTest, ErrorsNameTheElementInTheirDetails) {
  classifier_.FailNext(absl::InvalidArgumentError("inputs[0]: 600 tokens, at most 512"));
  inference::ModelInferResponse response;
  const grpc::Status status = Infer(response);
  EXPECT_EQ(status.error_message(), "inputs[0].contents.bytes_contents[0]: 600 tokens, at most 512");
  google::rpc::Status error;
  ASSERT_TRUE(error.ParseFromString(status.error_details()));
  google::rpc::BadRequest bad;
  ASSERT_TRUE(error.details(1).UnpackTo(&bad));
  EXPECT_EQ(bad.field_violations(0).field(), "inputs[0].contents.bytes_contents[0]");
}

TEST_F(OpenInferenceServiceTest, BytesThatAreNoRequestAreInvalid) {
  grpc::Slice slice(std::string("\x0A\x02\xFF\xFF"));  // a model_name that is not UTF-8
  const grpc::ByteBuffer request(&slice, 1);
  grpc::ByteBuffer response;
  grpc::GenericStub stub(channel_);
  std::promise<grpc::Status> done;
  stub.UnaryCall(&context_, "/inference.GRPCInferenceService/ModelInfer", {}, &request, &response,
                 [&](grpc::Status status) { done.set_value(status); });
  const grpc::Status status = done.get_future().get();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_THAT(status.error_message(), HasSubstr("ModelInferRequest"));
}

TEST_F(OpenInferenceServiceTest, ReadinessFollowsHealthAndTheCatalog) {
  const auto ready = [&](const std::string& name, const std::string& version) {
    grpc::ClientContext context;
    inference::ModelReadyRequest request;
    request.set_name(name);
    request.set_version(version);
    inference::ModelReadyResponse response;
    EXPECT_TRUE(stub_->ModelReady(&context, request, &response).ok());
    return response.ready();
  };
  const auto server_ready = [&] {
    grpc::ClientContext context;
    inference::ServerReadyResponse response;
    EXPECT_TRUE(stub_->ServerReady(&context, {}, &response).ok());
    return response.ready();
  };
  EXPECT_FALSE(server_ready());
  EXPECT_FALSE(ready("tickets", ""));
  health_.SetServing(true);
  EXPECT_TRUE(server_ready());
  EXPECT_TRUE(ready("tickets", ""));
  EXPECT_TRUE(ready("tickets", "7"));
  EXPECT_FALSE(ready("tickets", "8"));
  EXPECT_FALSE(ready("other", ""));
  inference::ServerLiveResponse live;
  EXPECT_TRUE(stub_->ServerLive(&context_, {}, &live).ok());
  EXPECT_TRUE(live.live());
}

TEST_F(OpenInferenceServiceTest, MetadataSaysWhatThereIs) {
  grpc::ClientContext second;
  inference::ServerMetadataResponse server;
  ASSERT_TRUE(stub_->ServerMetadata(&context_, {}, &server).ok());
  EXPECT_EQ(server.name(), "verdict");
  EXPECT_FALSE(server.version().empty());
  EXPECT_THAT(server.extensions(), ElementsAre("classification"));
  inference::ModelMetadataResponse model;
  ASSERT_TRUE(stub_->ModelMetadata(&second, {}, &model).ok());
  EXPECT_EQ(model.name(), "tickets");
}

}  // namespace
}  // namespace verdict
