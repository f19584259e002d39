// A stand-in for verdict-service that speaks its gRPC, for tests of `serve`:
//   fake_service --grpc-listen ADDRESS… [--log-level L] [--label TEXT] [--exit-at-start CODE] [--never-ready] [--ignore-sigterm]
// Every text is answered with the label and a score of 0.75; the text "hold" only when the text "release" has come, the text
// "ready" makes a service ready that never was, and the text "crash" kills it.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdlib>
#include <latch>
#include <string>
#include <vector>

#include "common/logging.h"
#include "grpcpp/server_builder.h"
#include "process/shutdown_signal.h"
#include "verdict/v1/classifier.grpc.pb.h"

namespace verdict {
namespace {

struct Arguments {
  std::vector<std::string> listen;
  std::string label = "fake";
  int exit_at_start = -1;
  bool never_ready = false;
  bool ignore_sigterm = false;
};

Arguments Parse(int argc, char** argv) {
  Arguments arguments;
  for (int i = 1; i < argc; ++i) {
    const std::string name = argv[i];
    const auto value = [&] { return std::string(i + 1 < argc ? argv[++i] : ""); };
    if (name == "--grpc-listen") arguments.listen.push_back(value());
    if (name == "--label") arguments.label = value();
    if (name == "--exit-at-start") arguments.exit_at_start = std::atoi(value().c_str());
    if (name == "--never-ready") arguments.never_ready = true;
    if (name == "--ignore-sigterm") arguments.ignore_sigterm = true;
  }
  return arguments;
}

class FakeService : public v1::Classifier::Service {
 public:
  explicit FakeService(std::string label) : label_(std::move(label)) {}

  void SetHealth(grpc::HealthCheckServiceInterface* health, bool ready) {
    health_ = health;
    health->SetServingStatus(kServiceName, ready);
  }

  grpc::Status Classify(grpc::ServerContext*, const v1::ClassifyRequest* request, v1::ClassifyResponse* response) override {
    for (const v1::TextInput& input : request->inputs()) {
      if (input.text() == "crash") raise(SIGKILL);
      if (input.text() == "hold") Hold();
      if (input.text() == "release") released_.count_down();
      if (input.text() == "ready" && health_ != nullptr) health_.load()->SetServingStatus(kServiceName, true);
      v1::LabelScore& label = *response->add_results()->add_labels();
      label.set_label(label_);
      label.set_score(0.75f);
    }
    return grpc::Status::OK;
  }

 private:
  void Hold() {
    LogInfo("holding");
    released_.wait();
  }

  static constexpr char kServiceName[] = "verdict.v1.Classifier";

  const std::string label_;
  std::atomic<grpc::HealthCheckServiceInterface*> health_ = nullptr;
  std::latch released_{1};
};

int Run(const Arguments& arguments) {
  if (arguments.exit_at_start >= 0) return arguments.exit_at_start;
  ShutdownSignal shutdown;
  InitLogging("fake_service", LogLevel::kInfo);
  FakeService service(arguments.label);
  grpc::EnableDefaultHealthCheckService(true);
  grpc::ServerBuilder builder;
  for (const std::string& address : arguments.listen) builder.AddListeningPort(address, grpc::InsecureServerCredentials());
  builder.RegisterService(&service);
  const auto server = builder.BuildAndStart();
  if (!server) return 1;
  service.SetHealth(server->GetHealthCheckService(), !arguments.never_ready);
  LogInfo("ready");
  shutdown.Wait();
  while (arguments.ignore_sigterm) pause();
  server->Shutdown();
  return 0;
}

}  // namespace
}  // namespace verdict

int main(int argc, char** argv) { return verdict::Run(verdict::Parse(argc, argv)); }
