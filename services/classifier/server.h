#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "grpcpp/security/server_credentials.h"
#include "grpcpp/server.h"
#include "metrics/metrics_listener.h"
#include "services/classifier/api/classify_observer.h"
#include "services/classifier/batching/admission.h"
#include "services/classifier/batching/forward_watch.h"
#include "services/classifier/metrics/service_metrics.h"
#include "services/classifier/options.h"
#include "services/classifier/repository/memory_budget.h"
#include "services/classifier/repository/model_loader.h"
#include "services/classifier/repository/model_repository.h"
#include "services/classifier/routing/cascade_classifier.h"
#include "services/classifier/routing/step_threads.h"
#include "services/classifier/rpc/guarded_services.h"
#include "services/classifier/rpc/health_service.h"
#include "services/classifier/rpc/reflection_service.h"
#include "services/classifier/watchdog.h"

namespace verdict {

// verdict-service without its process: the models, and the cascade over them, behind the RPC services, health and reflection.
// Owned by main, or by a test; its methods are called from one thread, but where they say otherwise.
class Server {
 public:
  // `observers` see every call, batch and model, as the metrics do, and outlive it.
  explicit Server(const ServiceOptions& options, std::vector<ClassifyObserver*> observers = {});
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Listens on every address and returns their ports (0 for unix sockets), in order. Health says NOT_SERVING and Classify
  // UNAVAILABLE until LoadModels has succeeded. Errors: kUnavailable when an address cannot be listened on; those of ReadCascade
  // and OpenSecurity.
  absl::StatusOr<std::vector<int>> Start();

  // Loads every model of the options that is not loaded yet, runs a trial pass, replays golden answers where the options name
  // some, and serves when all are there. May be called again after an error, which begins with the model's name where there are
  // several: those of PlanModels, and those of LoadModel and RequireGoldenAnswers in repository/.
  absl::Status LoadModels();

  // What /metrics and the RPC tell.
  MetricRegistry& metrics() { return metrics_.registry(); }
  // Where --metrics-listen listens; 0: nowhere.
  int metrics_port() const { return metrics_listener_ ? metrics_listener_->port() : 0; }

  // Says NOT_SERVING, for good, and answers as before. From any thread.
  void Leave() { health_service_.Leave(); }

  // Says NOT_SERVING, refuses new calls, waits for those under way until `deadline`, then cuts them off. May run beside
  // LoadModels, whose models then serve nobody.
  void Drain(absl::Time deadline);

  // Whether a model is being loaded or unloaded on request, which the destructor would wait for.
  bool IsLoading() { return loader_.busy(); }

  const ModelCatalog& models() const { return catalog_; }

 private:
  absl::Status ListenForScrapes();

  const ServiceOptions options_;
  const absl::StatusOr<Security> security_;
  const absl::StatusOr<std::optional<Cascade>> declaration_;
  ServiceMetrics metrics_;
  ClassifyObservers observers_;
  Admission admission_;
  ForwardWatch forward_watch_;
  ModelRepository repository_;
  MemoryBudget budget_;
  ModelLoader loader_;
  std::optional<StepThreads> step_threads_;
  std::optional<CascadeClassifier> cascade_;
  Classifier& classifier_;  // these two are the cascade where there is one, else the repository
  const ModelCatalog& catalog_;
  const AccessGuard guard_;
  const std::shared_ptr<UnreadAnswers> unread_;
  GuardedClassifierService classifier_service_;
  GuardedModelsService models_service_;
  HealthService health_service_;
  GuardedOpenInferenceService open_inference_service_;
  GuardedMetricsService metrics_service_;
  std::unique_ptr<MetricsListener> metrics_listener_;  // its scrapes ask those above
  std::optional<Watchdog> watchdog_;
  std::optional<ReflectionServices> reflection_;
  std::vector<std::shared_ptr<grpc::ServerCredentials>> credentials_;  // gRPC asks these for certificates as long as it listens
  std::unique_ptr<grpc::Server> server_;
};

}  // namespace verdict
