#include "gateway/call_context.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/utf8.h"
#include "gateway/http/ascii.h"
#include "gateway/http/rpc_status.h"
#include "gateway/http/trace_context.h"

namespace verdict {
namespace {

constexpr size_t kMaxClientId = 128;

constexpr std::string_view kCustomAttributes = "X-Amzn-SageMaker-Custom-Attributes";

}  // namespace

std::string_view ClientId(const HttpRequest& request) {
  if (!request.client.empty()) return request.client;
  const std::string_view id = request.headers.Find(kClientIdHeader).value_or("");
  return IsVisibleId(id, kMaxClientId) ? id : std::string_view(request.client_address);
}

ProblemOr<absl::Duration> ReadTimeout(const HttpRequest& request, absl::Duration most) {
  const auto asked = request.headers.Find(kTimeoutHeader);
  if (!asked) return most;
  int64_t milliseconds = 0;
  const char* const end = asked->data() + asked->size();
  const auto result = std::from_chars(asked->data(), end, milliseconds);
  const bool too_large = result.ec == std::errc::result_out_of_range;
  if (result.ptr != end || (milliseconds <= 0 && !too_large) || asked->starts_with('-')) {
    return Problem{400,
                   absl::StrCat(kTimeoutHeader, " must be a positive number of milliseconds, not \"", Shortened(*asked), "\"")};
  }
  return too_large ? most : std::min(most, absl::Milliseconds(milliseconds));
}

CallOptions OptionsFor(const HttpRequest& request, absl::Time deadline) {
  return {.deadline = deadline,
          .request_id = request.request_id,
          .inference_id = std::string(InferenceId(request)),
          .trace_parent = request.trace.valid() ? FormatTraceParent(request.trace) : std::string(TraceParent(request)),
          .trace_state = TraceState(request),
          .client_id = std::string(ClientId(request))};
}

void NameModel(const HttpRequest& request, ClassifyCall& call) {
  if (call.model.empty()) call.model = request.PathParameter("model");
  if (call.model_version.empty()) call.model_version = request.PathParameter("version");
}

void EchoCustomAttributes(const HttpRequest& request, HttpResponse& response) {
  if (const auto attributes = request.headers.Find(kCustomAttributes)) response.headers.Add(kCustomAttributes, *attributes);
}

void RefuseStream(HttpStream& stream, const HttpRequest& head, const Problem& problem, const WriteProblem& write) {
  HttpResponse response = write(head, problem);
  EchoCustomAttributes(head, response);
  stream.Respond(std::move(response));
}

bool IsComplete(const ClassifyReply& reply, size_t inputs) {
  return reply.results.size() == inputs &&
         std::all_of(reply.results.begin(), reply.results.end(), [](const auto& result) { return !result.labels.empty(); });
}

ExchangeNotes NotesOf(const ClassifyReply& reply) {
  return {.model = reply.model,
          .model_version = reply.model_version,
          .inputs = static_cast<int64_t>(reply.results.size()),
          .tokenize = reply.tokenize,
          .queue = reply.queue,
          .compute = reply.compute,
          .total = reply.total};
}

void LogFailure(const absl::Status& status, const std::string& request_id) {
  const int http_status = HttpStatusOf(status.code());
  if (http_status < 500) return;
  Log(http_status == 500 ? LogLevel::kError : LogLevel::kWarning, "classification failed",
      {{"code", absl::StatusCodeToString(status.code())}, {"error", std::string(status.message())}, {"request_id", request_id}});
}

}  // namespace verdict
