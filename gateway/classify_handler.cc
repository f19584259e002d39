#include "gateway/classify_handler.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <memory>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/logging.h"
#include "gateway/http/rpc_status.h"
#include "gateway/route_choice.h"

namespace verdict {
namespace {

constexpr std::string_view kCustomAttributes = "X-Amzn-SageMaker-Custom-Attributes";

ProblemOr<absl::Duration> Timeout(const HttpRequest& request, absl::Duration max_timeout) {
  const auto asked = request.headers.Find(kTimeoutHeader);
  if (!asked) return max_timeout;
  int64_t milliseconds = 0;
  const char* const end = asked->data() + asked->size();
  const auto result = std::from_chars(asked->data(), end, milliseconds);
  const bool too_large = result.ec == std::errc::result_out_of_range;
  if (result.ptr != end || (milliseconds <= 0 && !too_large) || asked->starts_with('-')) {
    return Problem{400,
                   absl::StrCat(kTimeoutHeader, " must be a positive number of milliseconds, not \"", std::string(*asked), "\"")};
  }
  return too_large ? max_timeout : std::min(max_timeout, absl::Milliseconds(milliseconds));
}

// What callers are not told is for the operator.
void LogFailure(const absl::Status& status, const HttpRequest& request) {
  const int http_status = HttpStatusOf(status.code());
  if (http_status < 500) return;
  Log(http_status == 500 ? LogLevel::kError : LogLevel::kWarning, "classification failed",
      {{"code", absl::StatusCodeToString(status.code())},
       {"error", std::string(status.message())},
       {"request_id", request.request_id}});
}

bool IsComplete(const ClassifyReply& reply, size_t inputs) {
  return reply.results.size() == inputs &&
         std::all_of(reply.results.begin(), reply.results.end(), [](const auto& result) { return !result.labels.empty(); });
}

// One request on its way to the service and back. The request outlives it.
class Exchange {
 public:
  Exchange(const ClassifyRoute& route, const HttpRequest& request, Respond respond)
      : route_(route), request_(request), respond_(std::move(respond)) {}

  void Refuse(const Problem& problem) { Send(route_.write_problem(request_, problem)); }

  // The answer to a call of so many inputs.
  void Answer(Reading& reading, size_t inputs, const absl::StatusOr<ClassifyReply>& reply) {
    if (!reply.ok()) {
      LogFailure(reply.status(), request_);
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
    if (const auto attributes = request_.headers.Find(kCustomAttributes)) response.headers.Add(kCustomAttributes, *attributes);
    respond_(std::move(response));
  }

  const ClassifyRoute& route_;
  const HttpRequest& request_;
  Respond respond_;
};

// The model that the path names.
void NameModel(const HttpRequest& request, ClassifyCall& call) {
  if (call.model.empty()) call.model = request.PathParameter("model");
  if (call.model_version.empty()) call.model_version = request.PathParameter("version");
}

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
  CallOptions options{.deadline = absl::Now() + timeout, .request_id = exchange.request().request_id};
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
    const ProblemOr<absl::Duration> timeout = Timeout(request, service.request_timeout);
    if (const auto* problem = std::get_if<Problem>(&timeout)) return refuse(*problem);
    ProblemOr<Reading> reading = (*route)->read(request, body);
    if (const auto* problem = std::get_if<Problem>(&reading)) return refuse(*problem);
    return Start(std::move(exchange), std::get<Reading>(std::move(reading)), std::get<absl::Duration>(timeout), service);
  };
}

}  // namespace verdict
