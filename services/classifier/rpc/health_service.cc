#include "services/classifier/rpc/health_service.h"

#include <optional>

namespace verdict {

using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;

namespace {
constexpr char kLiveness[] = "liveness";
}

// One Watch call. Statuses that come while one is being written replace each other: a watcher sees the latest, not every one.
class HealthService::Watcher final : public grpc::ServerWriteReactor<HealthCheckResponse> {
 public:
  Watcher(HealthService& owner, Subject subject) : owner_(owner), subject_(subject) {}

  Subject subject() const { return subject_; }

  void Tell(Status status) {
    const std::lock_guard lock(mutex_);
    pending_ = status;
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
  const Subject subject_;
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

HealthService::Subject HealthService::SubjectOf(const std::string& service) const {
  if (service == kLiveness) return Subject::kLiveness;
  return services_.contains(service) ? Subject::kReadiness : Subject::kUnknown;
}

HealthService::Status HealthService::Current(Subject subject) const {
  if (subject == Subject::kUnknown) return HealthCheckResponse::SERVICE_UNKNOWN;
  const bool yes = subject == Subject::kLiveness ? live_ : serving();
  return yes ? HealthCheckResponse::SERVING : HealthCheckResponse::NOT_SERVING;
}

void HealthService::TellAll() {
  for (Watcher* watcher : watchers_) watcher->Tell(Current(watcher->subject()));
}

void HealthService::SetServing(bool serving) {
  const std::lock_guard lock(mutex_);
  serving_ = serving;
  TellAll();
}

void HealthService::SetLive(bool live) {
  const std::lock_guard lock(mutex_);
  live_ = live;
  TellAll();
}

void HealthService::Leave() {
  const std::lock_guard lock(mutex_);
  leaving_ = true;
  TellAll();
}

bool HealthService::IsServing() {
  const std::lock_guard lock(mutex_);
  return serving();
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
  const Subject subject = SubjectOf(request->service());
  if (subject == Subject::kUnknown) {
    reactor->Finish(grpc::Status(grpc::StatusCode::NOT_FOUND, "unknown service"));
    return reactor;
  }
  response->set_status(Current(subject));
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerUnaryReactor* HealthService::List(grpc::CallbackServerContext* context, const grpc::health::v1::HealthListRequest*,
                                              grpc::health::v1::HealthListResponse* response) {
  auto* reactor = context->DefaultReactor();
  const std::lock_guard lock(mutex_);
  for (const std::string& service : services_) {
    (*response->mutable_statuses())[service].set_status(Current(Subject::kReadiness));
  }
  (*response->mutable_statuses())[kLiveness].set_status(Current(Subject::kLiveness));
  reactor->Finish(grpc::Status::OK);
  return reactor;
}

grpc::ServerWriteReactor<HealthCheckResponse>* HealthService::Watch(grpc::CallbackServerContext*,
                                                                    const HealthCheckRequest* request) {
  const std::lock_guard lock(mutex_);
  auto* watcher = new Watcher(*this, SubjectOf(request->service()));  // deletes itself when gRPC is done with it
  watchers_.insert(watcher);
  watcher->Tell(Current(watcher->subject()));
  if (closed_) watcher->End();
  return watcher;
}

}  // namespace verdict
