#pragma once

#include <map>
#include <mutex>
#include <set>
#include <string>
#include <vector>

#include "grpc/health/v1/health.grpc.pb.h"

namespace verdict {

// grpc.health.v1.Health for a fixed list of services, all of which change together, "" for the server as a whole, and "liveness",
// which is SERVING as long as the process is of use: also while it starts or ends. Ours rather than gRPC's built-in one, which
// reports "" as serving until told otherwise and is invisible to reflection. Thread-safe; Close before the server shuts down, or
// its watchers keep it from ending.
class HealthService final : public grpc::health::v1::Health::CallbackService {
 public:
  // Not serving at first.
  explicit HealthService(const std::vector<std::string>& services);

  // Tells every watcher. Nothing serves that does not live, nor after Leave.
  void SetServing(bool serving);
  void SetLive(bool live);

  // Serves no more, whatever SetServing says.
  void Leave();

  bool IsServing();

  // Ends every watch; later ones end at once.
  void Close();

  grpc::ServerUnaryReactor* Check(grpc::CallbackServerContext* context, const grpc::health::v1::HealthCheckRequest* request,
                                  grpc::health::v1::HealthCheckResponse* response) override;
  grpc::ServerUnaryReactor* List(grpc::CallbackServerContext* context, const grpc::health::v1::HealthListRequest* request,
                                 grpc::health::v1::HealthListResponse* response) override;
  grpc::ServerWriteReactor<grpc::health::v1::HealthCheckResponse>* Watch(
      grpc::CallbackServerContext* context, const grpc::health::v1::HealthCheckRequest* request) override;

 private:
  class Watcher;
  using Status = grpc::health::v1::HealthCheckResponse::ServingStatus;

  enum class Subject { kUnknown, kReadiness, kLiveness };
  Subject SubjectOf(const std::string& service) const;
  // These need mutex_.
  bool serving() const { return serving_ && live_ && !leaving_; }
  Status Current(Subject subject) const;
  void TellAll();

  std::mutex mutex_;  // taken before any watcher's
  std::set<std::string> services_;
  bool serving_ = false;
  bool live_ = true;
  bool leaving_ = false;
  bool closed_ = false;
  std::set<Watcher*> watchers_;
};

}  // namespace verdict
