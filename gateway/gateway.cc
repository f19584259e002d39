#include "gateway/gateway.h"

#include <utility>

#include "gateway/classify_handler.h"
#include "gateway/dialects/dialect.h"
#include "gateway/dialects/sagemaker.h"

namespace verdict {
namespace {

// A contract more is a line more.
Router RoutesOf(ClassifierClient& client, const ProcessState& process, absl::Duration request_timeout) {
  Router router;
  for (const Dialect& dialect : {SageMakerDialect()}) {
    for (const ClassifyRoute& route : dialect.classify) {
      router.Add({"POST", route.path, MakeClassifyHandler(route, client, request_timeout), /*needs_body=*/true});
    }
    for (const HealthRoute& route : dialect.health) {
      for (const std::string& method : route.methods) router.Add({method, route.path, MakeHealthHandler(route, client, process)});
    }
  }
  return router;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Gateway>> Gateway::Start(Options options, std::unique_ptr<ClassifierClient> client,
                                                        ProcessState process) {
  std::unique_ptr<Gateway> gateway(new Gateway(std::move(client)));
  Router router = RoutesOf(*gateway->client_, process, options.request_timeout);
  auto server = HttpServer::Start(std::move(options.http), std::move(router));
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
