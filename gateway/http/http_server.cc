#include "gateway/http/http_server.h"

#include <algorithm>
#include <utility>

#include "common/steady_clock.h"
#include "gateway/http/connection_count.h"
#include "gateway/http/listener.h"
#include "gateway/http/worker.h"

namespace verdict {
namespace {

// A session that was cut off needs its loop only once more.
constexpr absl::Duration kAbortTakes = absl::Seconds(5);

}  // namespace

HttpServer::HttpServer(Options options, Router router)
    : options_(std::move(options)),
      router_(std::move(router)),
      connections_(std::make_unique<ConnectionCount>(
          ConnectionCount::Limits{options_.limits.max_connections, options_.limits.max_connections_per_address})) {
  for (int i = 0; i < std::max(1, options_.threads); ++i) {
    workers_.push_back(std::make_unique<Worker>(options_.limits, options_.conventions, router_, *connections_));
  }
}

absl::StatusOr<std::unique_ptr<HttpServer>> HttpServer::Start(Options options, Router router) {
  std::unique_ptr<HttpServer> server(new HttpServer(std::move(options), std::move(router)));
  std::vector<Worker*> workers;
  for (const auto& worker : server->workers_) workers.push_back(worker.get());
  const HttpServer::Options& chosen = server->options_;
  auto listener = Listener::Open(chosen.listen, workers, *server->connections_);
  if (!listener.ok()) return listener.status();
  server->listener_ = *std::move(listener);
  for (Worker* worker : workers) worker->Start();
  server->listener_->Start();
  return server;
}

HttpServer::~HttpServer() {
  if (listener_) Drain(absl::InfinitePast());
  for (const auto& worker : workers_) worker->Stop();
}

int HttpServer::port() const { return listener_->port(); }

void HttpServer::LastAnswers() {
  for (const auto& worker : workers_) worker->LastAnswers();
}

bool HttpServer::Drain(absl::Time deadline) {
  // The workers first: whoever finds that we listen no more may rely on every later answer saying that its connection closes.
  for (const auto& worker : workers_) worker->Drain();
  listener_->Close();
  if (connections_->AwaitNone(deadline)) return true;
  for (const auto& worker : workers_) worker->Abort();
  connections_->AwaitNone(SteadyNow() + kAbortTakes);
  return false;
}

}  // namespace verdict
