// gateway_bench_service [--grpc-listen ADDRESS…]
// What stands behind the gateways that bench/gateway compares: verdict.v1.Classifier.Classify answers every text with the same
// label, grpc.health.v1.Health.Check says SERVING, other methods are not answered. As cheap as gRPC allows: one thread over one
// completion queue, and the bytes of the usual answers are written once.
#include <array>
#include <functional>
#include <iostream>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/logging.h"
#include "common/options.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/server_builder.h"
#include "process/libraries.h"
#include "process/shutdown_signal.h"
#include "verdict/v1/classifier.grpc.pb.h"

namespace verdict {
namespace {

using ClassifierService =
    v1::Classifier::WithRawMethod_Classify<v1::Classifier::WithAsyncMethod_StreamClassify<v1::Classifier::Service>>;
using HealthService = grpc::health::v1::Health::WithRawMethod_Check<
    grpc::health::v1::Health::WithAsyncMethod_Watch<grpc::health::v1::Health::Service>>;

// Calls that may arrive before the thread comes round; each is one slot that is used again and again.
constexpr int kSlots = 128;

grpc::ByteBuffer Bytes(const google::protobuf::MessageLite& message) {
  const grpc::Slice slice(message.SerializeAsString());
  return {&slice, 1};
}

v1::ClassifyResponse Answer(int texts) {
  v1::ClassifyResponse response;
  response.set_model("fake");
  response.set_model_version("1");
  response.mutable_times()->set_total_us(100);
  for (int i = 0; i < texts; ++i) {
    v1::Classification& result = *response.add_results();
    result.set_tokens(12);
    result.set_windows(1);
    v1::LabelScore& label = *result.add_labels();
    label.set_label("lost_or_stolen_card");
    label.set_score(0.75f);
  }
  return response;
}

grpc::ByteBuffer Serving() {
  grpc::health::v1::HealthCheckResponse response;
  response.set_status(grpc::health::v1::HealthCheckResponse::SERVING);
  return Bytes(response);
}

// One call from its arrival to its end. Its address is the tag of its operations.
class Slot {
 public:
  using Writer = grpc::ServerAsyncResponseWriter<grpc::ByteBuffer>;
  // Has the next call of a method put into context, request and writer, with the tag.
  using Ask = std::function<void(grpc::ServerContext*, grpc::ByteBuffer*, Writer*, void* tag)>;
  using Reply = std::function<std::optional<grpc::ByteBuffer>(grpc::ByteBuffer& request)>;

  Slot(const Ask& ask, const Reply& reply) : ask_(ask), reply_(reply) { Wait(); }

  void Proceed(bool ok) {
    if (!answering_ && !ok) return;  // no call came any more: the queue is shutting down
    if (answering_) return Wait();
    answering_ = true;
    if (const auto answer = reply_(call_->request)) {
      call_->writer.Finish(*answer, grpc::Status::OK, this);
    } else {
      call_->writer.FinishWithError({grpc::StatusCode::INVALID_ARGUMENT, "not a message of this method"}, this);
    }
  }

 private:
  struct Call {
    grpc::ServerContext context;
    grpc::ByteBuffer request;
    Writer writer{&context};
  };

  void Wait() {
    answering_ = false;
    call_.emplace();
    ask_(&call_->context, &call_->request, &call_->writer, this);
  }

  const Ask& ask_;
  const Reply& reply_;
  bool answering_ = false;
  std::optional<Call> call_;
};

// Both services on one thread.
class FakeService {
 public:
  // Zero when an address cannot be had.
  int Start(const std::vector<std::string>& addresses) {
    grpc::ServerBuilder builder;
    int port = 0;
    for (const std::string& address : addresses) builder.AddListeningPort(address, grpc::InsecureServerCredentials(), &port);
    builder.RegisterService(&classifier_);
    builder.RegisterService(&health_);
    queue_ = builder.AddCompletionQueue();
    server_ = builder.BuildAndStart();
    if (!server_) return 0;
    thread_ = std::thread([this] { Run(); });
    return port;
  }

  void Stop() {
    server_->Shutdown(std::chrono::system_clock::now());
    queue_->Shutdown();
    thread_.join();
  }

 private:
  void Run() {
    std::list<Slot> slots;
    for (int i = 0; i < kSlots; ++i) slots.emplace_back(ask_classify_, reply_classify_);
    slots.emplace_back(ask_check_, reply_check_);
    void* tag;
    bool ok;
    while (queue_->Next(&tag, &ok)) static_cast<Slot*>(tag)->Proceed(ok);
  }

  std::optional<grpc::ByteBuffer> Classify(grpc::ByteBuffer& request) {
    if (!grpc::GenericDeserialize<grpc::ProtoBufferReader, v1::ClassifyRequest>(&request, &request_).ok()) return std::nullopt;
    return request_.inputs_size() == 1 ? one_ : Bytes(Answer(request_.inputs_size()));
  }

  ClassifierService classifier_;
  HealthService health_;
  const grpc::ByteBuffer one_ = Bytes(Answer(1));
  const grpc::ByteBuffer serving_ = Serving();
  v1::ClassifyRequest request_;  // its memory is used again
  const Slot::Ask ask_classify_ = [this](auto* context, auto* request, auto* writer, void* tag) {
    classifier_.RequestClassify(context, request, writer, queue_.get(), queue_.get(), tag);
  };
  const Slot::Ask ask_check_ = [this](auto* context, auto* request, auto* writer, void* tag) {
    health_.RequestCheck(context, request, writer, queue_.get(), queue_.get(), tag);
  };
  const Slot::Reply reply_classify_ = [this](grpc::ByteBuffer& request) { return Classify(request); };
  const Slot::Reply reply_check_ = [this](grpc::ByteBuffer&) { return serving_; };
  std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::unique_ptr<grpc::Server> server_;
  std::thread thread_;
};

int Run(int argc, char** argv) {
  ShutdownSignal shutdown;
  std::vector<std::string> addresses = {"127.0.0.1:0"};
  OptionParser parser("gateway_bench_service", "Answers every text with the same label, as cheaply as gRPC allows", "1");
  parser.Add("grpc-listen", addresses, "Where to listen: host:port or unix:/path");
  if (const auto outcome = parser.Parse(argc, argv); outcome.exit) {
    (outcome.exit_code == 0 ? std::cout : std::cerr) << outcome.text;
    return outcome.exit_code;
  }
  InitLogging("gateway_bench_service", LogLevel::kInfo);
  SetUpLibraries();
  FakeService service;
  const int port = service.Start(addresses);
  if (port == 0) {
    LogError("cannot listen");
    return 1;
  }
  LogInfo("ready", {{"port", port}});
  shutdown.Wait();
  service.Stop();
  return 0;
}

}  // namespace
}  // namespace verdict

int main(int argc, char** argv) { return verdict::Run(argc, argv); }
