#include "gateway/query_handler.h"

#include <memory>
#include <utility>

#include "common/steady_clock.h"
#include "gateway/call_context.h"

namespace verdict {
namespace {

// A large model from a slow disk; whoever ordered it waits.
constexpr absl::Duration kLoadTimeout = absl::Minutes(10);

absl::Time DeadlineOf(const ModelsQuery& query, const ServiceAccess& service) {
  const bool order = query.kind == ModelsQuery::Kind::kLoad || query.kind == ModelsQuery::Kind::kUnload;
  return SteadyNow() + (order ? kLoadTimeout : service.request_timeout);
}

}  // namespace

HttpHandler MakeQueryHandler(QueryRoute route, ServiceAccess service) {
  const auto shared = std::make_shared<const QueryRoute>(std::move(route));
  return [shared, service = std::move(service)](const HttpRequest& request, Respond respond) -> CancelRequest {
    ProblemOr<QueryRoute::Question> question = shared->ask(request);
    if (const auto* problem = std::get_if<Problem>(&question)) {
      respond(shared->write_problem(request, *problem));
      return {};
    }
    const auto& asked = std::get<QueryRoute::Question>(question);
    if (std::holds_alternative<QueryRoute::Nothing>(asked)) {
      respond(shared->write(request, {}));
    } else if (const auto* query = std::get_if<ModelsQuery>(&asked)) {
      service.client.QueryModels(
          *query, OptionsFor(request, DeadlineOf(*query, service)),
          [shared, &request, respond = std::move(respond)](absl::StatusOr<std::vector<ModelDescription>> models) mutable {
            QueryRoute::Answer answer{models.status(), {}};
            if (models.ok()) answer.models = *std::move(models);
            respond(shared->write(request, answer));
          });
    } else {
      service.CheckHealth([shared, &request, respond = std::move(respond)](absl::Status health) mutable {
        respond(shared->write(request, {std::move(health), {}}));
      });
    }
    return {};
  };
}

}  // namespace verdict
