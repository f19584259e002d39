#include "gateway/health_handler.h"

#include <utility>

#include "absl/time/clock.h"

namespace verdict {
namespace {

constexpr absl::Duration kPatience = absl::Milliseconds(1500);

}  // namespace

HttpHandler MakeHealthHandler(HealthRoute route, ClassifierClient& client, ProcessState process) {
  return [write = std::move(route.write), &client, process = std::move(process)](const HttpRequest& request,
                                                                                 Respond respond) -> CancelRequest {
    if (const absl::Status state = process ? process() : absl::OkStatus(); !state.ok()) {
      respond(write(request, state));
      return {};
    }
    client.CheckHealth(absl::Now() + kPatience, [write, &request, respond = std::move(respond)](
                                                    const absl::Status& health) mutable { respond(write(request, health)); });
    return {};
  };
}

}  // namespace verdict
