#include "gateway/classify_handler.h"

#include <memory>
#include <utility>

#include "common/logging.h"
#include "common/steady_clock.h"
#include "gateway/call_context.h"
#include "gateway/http/rpc_status.h"
#include "gateway/route_choice.h"

namespace verdict {
namespace {

// One request on its way to the service and back. The request outlives it.
class Exchange {
 public:
  Exchange(const ClassifyRoute& route, const HttpRequest& request, Respond respond)
      : route_(route), request_(request), respond_(std::move(respond)) {}

  void Refuse(const Problem& problem) { Send(route_.write_problem(request_, problem)); }

  // The answer to a call of so many inputs.
  void Answer(Reading& reading, size_t inputs, const absl::StatusOr<ClassifyReply>& reply) {
    if (reply.ok()) notes_ = NotesOf(*reply);
    if (!reply.ok()) {
      LogFailure(reply.status(), request_.request_id);
      return Refuse(ProblemFromStatus(reply.status()));
    }
    ProblemOr<HttpResponse> written =
        IsComplete(*reply, inputs) ? reading.write(*reply) : Problem{500, "the classification service answered without a label"};
    if (auto* problem = std::get_if<Problem>(&written)) {
      if (problem->status >= 500)
        LogError("a reply cannot be written", {{"error", problem->detail}, {"request_id", request_.request_id}});
      return Refuse(*problem);
    }
    Send(std::get<HttpResponse>(std::move(written)));
  }

  const HttpRequest& request() const { return request_; }

 private:
  void Send(HttpResponse response) {
    EchoCustomAttributes(request_, response);
    response.notes = std::move(notes_);
    response.notes.dialect = route_.dialect;
    respond_(std::move(response));
  }

  const ClassifyRoute& route_;
  const HttpRequest& request_;
  Respond respond_;
  ExchangeNotes notes_;
};

CancelRequest Start(Exchange exchange, Reading reading, absl::Duration timeout, const ServiceAccess& service) {
  if (reading.if_serving) {
    service.CheckHealth(
        [exchange = std::move(exchange), problem = *std::move(reading.if_serving)](const absl::Status& health) mutable {
          exchange.Refuse(health.ok() ? problem : ProblemFromStatus(health));
        });
    return {};
  }
  ClassifyCall call = std::move(reading.call);
  const size_t inputs = call.inputs.size();
  if (inputs == 0) {
    exchange.Answer(reading, 0, ClassifyReply());
    return {};
  }
  NameModel(exchange.request(), call);
  CallOptions options = OptionsFor(exchange.request(), SteadyNow() + timeout);
  return service.client.Classify(std::move(call), std::move(options),
                                 [exchange = std::move(exchange), reading = std::move(reading), inputs](
                                     absl::StatusOr<ClassifyReply> reply) mutable { exchange.Answer(reading, inputs, reply); });
}

}  // namespace

HttpHandler MakeClassifyHandler(std::vector<ClassifyRoute> routes, ServiceAccess service) {
  const auto shared = std::make_shared<const std::vector<ClassifyRoute>>(std::move(routes));
  return [shared, service = std::move(service)](const HttpRequest& request, Respond respond) -> CancelRequest {
    JsonBody body(request.body);
    const ProblemOr<const ClassifyRoute*> chosen = ChooseRoute(*shared, request, body);
    const auto* route = std::get_if<const ClassifyRoute*>(&chosen);
    // The routes live as long as the server, whose handlers these are; what answers later may rely on them.
    Exchange exchange(route ? **route : shared->front(), request, std::move(respond));
    const auto refuse = [&](const Problem& problem) -> CancelRequest {
      exchange.Refuse(problem);
      return {};
    };
    if (const auto* problem = std::get_if<Problem>(&chosen)) return refuse(*problem);
    const ProblemOr<absl::Duration> timeout = ReadTimeout(request, service.request_timeout);
    if (const auto* problem = std::get_if<Problem>(&timeout)) return refuse(*problem);
    ProblemOr<Reading> reading = (*route)->read(request, body);
    if (const auto* problem = std::get_if<Problem>(&reading)) return refuse(*problem);
    return Start(std::move(exchange), std::get<Reading>(std::move(reading)), std::get<absl::Duration>(timeout), service);
  };
}

}  // namespace verdict
