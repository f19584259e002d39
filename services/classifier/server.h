#pragma once

#include <memory>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/server.h"
#include "services/classifier/batching/admission.h"
#include "services/classifier/options.h"
#include "services/classifier/repository/model_repository.h"
#include "services/classifier/rpc/classifier_service.h"
#include "services/classifier/rpc/health_service.h"
#include "services/classifier/rpc/models_service.h"
#include "services/classifier/rpc/open_inference_service.h"

namespace verdict {

// verdict-service without its process: the model repository behind the RPC services, health and reflection. Owned by main, or by
// a test; its methods are called from one thread.
class Server {
 public:
  explicit Server(const ServiceOptions& options);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens on every address and returns their ports (0 for unix sockets), in order. Health says NOT_SERVING and Classify
  // UNAVAILABLE until LoadModel has succeeded. Error: kUnavailable when an address cannot be listened on.
  absl::StatusOr<std::vector<int>> Start();

  // Loads the model of the options, runs a trial pass, replays golden answers where the options name some, and serves. Errors:
  // those of LoadModel and RequireGoldenAnswers in repository/.
  absl::Status LoadModel();

  // Says NOT_SERVING, refuses new calls, waits for those under way until `deadline`, then cuts them off.
  void Drain(absl::Time deadline);

  const ModelCatalog& models() const { return repository_; }

 private:
  const ServiceOptions options_;
  Admission admission_;
  ModelRepository repository_;
  ClassifierService classifier_service_;
  ModelsService models_service_;
  HealthService health_service_;
  OpenInferenceService open_inference_service_;
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace verdict
