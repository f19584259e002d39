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

namespace verdict {
namespace {

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

HttpResponse Answer(const ClassifyRoute& route, const HttpRequest& request, const absl::StatusOr<ClassifyReply>& reply) {
  if (!reply.ok()) {
    LogFailure(reply.status(), request);
    return route.write_problem(request, ProblemFromStatus(reply.status()));
  }
  ProblemOr<HttpResponse> written = route.write(request, *reply);
  if (auto* problem = std::get_if<Problem>(&written)) {
    LogError("a reply cannot be written", {{"error", problem->detail}, {"request_id", request.request_id}});
    return route.write_problem(request, *problem);
  }
  return std::get<HttpResponse>(std::move(written));
}

}  // namespace

HttpHandler MakeClassifyHandler(ClassifyRoute route, ClassifierClient& client, absl::Duration max_timeout) {
  const auto shared = std::make_shared<const ClassifyRoute>(std::move(route));
  return [shared, &client, max_timeout](const HttpRequest& request, Respond respond) -> CancelRequest {
    const auto refuse = [&](const Problem& problem) -> CancelRequest {
      respond(shared->write_problem(request, problem));
      return {};
    };
    const ProblemOr<absl::Duration> timeout = Timeout(request, max_timeout);
    if (const auto* problem = std::get_if<Problem>(&timeout)) return refuse(*problem);
    ProblemOr<ClassifyCall> call = shared->read(request);
    if (const auto* problem = std::get_if<Problem>(&call)) return refuse(*problem);
    CallOptions options{.deadline = absl::Now() + std::get<absl::Duration>(timeout), .request_id = request.request_id};
    return client.Classify(std::get<ClassifyCall>(std::move(call)), std::move(options),
                           [shared, &request, respond = std::move(respond)](absl::StatusOr<ClassifyReply> reply) mutable {
                             respond(Answer(*shared, request, reply));
                           });
  };
}

}  // namespace verdict
