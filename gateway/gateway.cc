#include "gateway/gateway.h"

#include <utility>

#include "gateway/routes.h"

namespace verdict {

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(Options options, std::unique_ptr<ClassifierClient> client,
                                                        ProcessState process) {
  auto dialects = MakeDialects(options.dialects);
  if (!dialects.ok()) return dialects.status();
  std::unique_ptr<Gateway> gateway(new Gateway(std::move(client)));
  const ServiceAccess service{*gateway->client_, std::move(process), options.request_timeout};
  auto server = HttpServer::Start(std::move(options.http), MakeRouter(*std::move(dialects), service, options.records));
  if (!server.ok()) return server.status();
  gateway->server_ = *std::move(server);
  return gateway;
}

void Gateway::CheckService(absl::Time deadline, absl::AnyInvocable<void(absl::Status)> done) {
  client_->CheckHealth(deadline, std::move(done));
}

// Nothing calls the client any more once the server has drained.
Gateway::~Gateway() {
  if (server_) server_->Drain(absl::InfinitePast());
}

}  // namespace verdict
