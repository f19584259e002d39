#include "services/classifier/rpc/health_service.h"

#include <optional>

namespace verdict {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

// One Watch call. Statuses that come while one is being written replace each other: a watcher sees the latest, not every one.
class HealthService::Watcher final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  Watcher(HealthService& owner, bool known) : owner_(owner), known_(known) {}

  void Tell(Status status) {
    const std::lock_guard lock(mutex_);
    pending_ = known_ ? status : HealthCheckResponse::SERVICE_UNKNOWN;
    if (!writing_) WriteNext();
  }

  void End() { EndWith(grpc::Status(grpc::StatusCode::UNAVAILABLE, "the service is stopping")); }
  void OnCancel() override { EndWith(grpc::Status::CANCELLED); }

  void OnWriteDone(bool) override {
    const std::lock_guard lock(mutex_);
    writing_ = false;
    if (end_ && !finished_) return FinishNow();
    if (pending_) WriteNext();
  }

  void OnDone() override {
    {
      const std::lock_guard lock(owner_.mutex_);
      owner_.watchers_.erase(this);
    }
    delete this;
  }

 private:
  void EndWith(const grpc::Status& status) {
    const std::lock_guard lock(mutex_);
    if (end_) return;
    end_ = status;
    if (!writing_) FinishNow();  // else when the write is done: gRPC takes one thing at a time
  }

  void FinishNow() {
    finished_ = true;
    Finish(*end_);
  }

  void WriteNext() {
    if (end_ || pending_ == written_) return;
    writing_ = true;
    written_ = pending_;
    response_.set_status(*pending_);
    StartWrite(&response_);
  }

  HealthService& owner_;
  const bool known_;
  std::mutex mutex_;
  HealthCheckResponse response_;
  std::optional<Status> pending_, written_;
  bool writing_ = false;
  std::optional<grpc::Status> end_;
  bool finished_ = false;
};

HealthService::HealthService(const std::vector<std::string>& services) : services_(services.begin(), services.end()) {
  services_.insert("");
}

HealthService::Status HealthService::Current() const {
  return serving_ ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void HealthService::SetServing(bool serving) {
  const std::lock_guard lock(mutex_);
  serving_ = serving;
  for (Watcher* watcher : watchers_) watcher->Tell(Current());
}

bool HealthService::IsServing() {
  const std::lock_guard lock(mutex_);
  return serving_;
}

void HealthService::Close() {
  const std::lock_guard lock(mutex_);
  closed_ = true;
  for (Watcher* watcher : watchers_) watcher->End();
}

grpc::ServerUnaryReactor* HealthService::Check(grpc::CallbackServerContext* context, const HealthCheckRequest* request,
                                               HealthCheckResponse* response) {
  auto* reactor = context->DefaultReactor();
  const std::lock_guard lock(mutex_);
  if (!services_.contains(request->service())) {
    reactor->Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "unknown service"));
    return reactor;
  }
  response->set_status(Current());
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerUnaryReactor* HealthService::List(grpc::CallbackServerContext* context, const grpc::health::v1::HealthListRequest*,
                                              grpc::health::v1::HealthListResponse* response) {
  auto* reactor = context->DefaultReactor();
  const std::lock_guard lock(mutex_);
  for (const std::string& service : services_) (*response->mutable_statuses())[service].set_status(Current());
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(grpc::CallbackServerContext*,
                                                                    const HealthCheckRequest* request) {
  const std::lock_guard lock(mutex_);
  auto* watcher = new Watcher(*this, services_.contains(request->service()));  // deletes itself when gRPC is done with it
  watchers_.insert(watcher);
  watcher->Tell(Current());
  if (closed_) watcher->End();
  return watcher;
}

}  // namespace verdict
