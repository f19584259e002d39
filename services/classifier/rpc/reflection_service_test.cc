#include "services/classifier/rpc/reflection_service.h"

#include <chrono>
#include <memory>
#include <utility>

#include "grpc/reflection/v1/reflection.grpc.pb.h"
#include "grpc/reflection/v1alpha/reflection.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using std::chrono::seconds;
using std::chrono::steady_clock;

class ReflectionServicesTest : public ::testing::Test {
 protected:
  ReflectionServicesTest() {
    grpc::ServerBuilder builder;
    int port = 0;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
    for (grpc::Service* const service : services_.all()) builder.RegisterService(service);
    server_ = builder.BuildAndStart();
    channel_ = grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials());
  }
  ~ReflectionServicesTest() override { server_->Shutdown(std::chrono::system_clock::now()); }

  FileWatcher watcher_{absl::Seconds(1)};
  const AccessGuard guard_{Access::Create({}, watcher_).value()};
  ReflectionServices services_{guard_, {"a.Service"}};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

// A question and its answer; the stream stays open.
template <typename Request, typename Response>
bool Ask(grpc::ClientReaderWriter<Request, Response>& stream) {
  Request request;
  request.set_list_services("");
  Response response;
  return stream.Write(request) && stream.Read(&response) && response.list_services_response().service_size() == 3;
}

TEST_F(ReflectionServicesTest, OpenStreamsDoNotKeepTheServerFromEnding) {
  grpc::ClientContext context, alpha_context;
  const auto stream = grpc::reflection::v1::ServerReflection::NewStub(channel_)->ServerReflectionInfo(&context);
  const auto alpha = grpc::reflection::v1alpha::ServerReflection::NewStub(channel_)->ServerReflectionInfo(&alpha_context);
  ASSERT_TRUE(Ask(*stream));
  ASSERT_TRUE(Ask(*alpha));
  services_.Drain();
  const auto begin = steady_clock::now();
  server_->Shutdown(std::chrono::system_clock::now() + seconds(60));
  EXPECT_LT(steady_clock::now() - begin, seconds(30));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(alpha->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

TEST_F(ReflectionServicesTest, AStreamThatBeginsDuringTheDrainEndsAtOnce) {
  services_.Drain();
  grpc::ClientContext context;
  const auto stream = grpc::reflection::v1::ServerReflection::NewStub(channel_)->ServerReflectionInfo(&context);
  grpc::reflection::v1::ServerReflectionResponse response;
  EXPECT_FALSE(stream->Read(&response));
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::UNAVAILABLE);
}

}  // namespace
}  // namespace verdict
