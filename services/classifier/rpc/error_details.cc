#include "services/classifier/rpc/error_details.h"

#include <algorithm>
#include <array>
#include <iterator>

#include "absl/strings/ascii.h"
#include "absl/strings/cord.h"
#include "common/grpc_status.h"
#include "common/logging.h"
#include "common/retry_delay.h"
#include "common/utf8.h"
#include "google/rpc/error_details.pb.h"

namespace verdict {
namespace {

using Code = absl::StatusCode;

constexpr char kDomain[] = "verdict";
constexpr char kReasonUrl[] = "verdict/reason";
// A message travels three times: percent-encoded (up to three bytes for one) as grpc-message, and twice in base64 in the details.
constexpr size_t kMaxMessage = 900;
constexpr size_t kMaxField = 200;

// By code, the reason that the code alone stands for first.
const std::array kReasons = {
    ReasonTraits{Reason::kInvalidRequest, "INVALID_REQUEST", Code::kInvalidArgument},
    ReasonTraits{Reason::kInvalidUtf8, "INVALID_UTF8", Code::kInvalidArgument},
    ReasonTraits{Reason::kModelNotFound, "MODEL_NOT_FOUND", Code::kNotFound},
    ReasonTraits{Reason::kModelAlreadyLoaded, "MODEL_ALREADY_LOADED", Code::kAlreadyExists},
    ReasonTraits{Reason::kNotAllowed, "NOT_ALLOWED", Code::kPermissionDenied},
    ReasonTraits{Reason::kUnauthenticated, "UNAUTHENTICATED", Code::kUnauthenticated},
    ReasonTraits{Reason::kOverloaded, "OVERLOADED", Code::kResourceExhausted, true, absl::Seconds(1)},
    ReasonTraits{Reason::kOutOfMemory, "OUT_OF_MEMORY", Code::kResourceExhausted},
    ReasonTraits{Reason::kNotServing, "NOT_SERVING", Code::kUnavailable, true, absl::Seconds(1)},
    ReasonTraits{Reason::kDraining, "DRAINING", Code::kUnavailable, true},  // at once: another replica takes it
    ReasonTraits{Reason::kDeadlineExceeded, "DEADLINE_EXCEEDED", Code::kDeadlineExceeded},
    ReasonTraits{Reason::kCancelled, "CANCELLED", Code::kCancelled},
    ReasonTraits{Reason::kUnimplemented, "UNIMPLEMENTED", Code::kUnimplemented},
    ReasonTraits{Reason::kInternal, "INTERNAL", Code::kInternal},
};

bool IsOurs(const absl::Status& status) { return status.code() == Code::kInternal || status.code() == Code::kUnknown; }

// Debian's abseil has a string_view of its own.
std::string_view MessageOf(const absl::Status& status) { return {status.message().data(), status.message().size()}; }

// What may be said of a failure.
absl::Status Presentable(const absl::Status& status) {
  if (IsOurs(status)) return absl::InternalError("the service failed; its log has the details under the request id");
  return absl::Status(status.code(), std::string(Utf8Prefix(MessageOf(status), kMaxMessage)));
}

void AddRetryInfo(absl::Duration delay, google::rpc::Status& error) {
  google::rpc::RetryInfo retry;
  const int64_t nanoseconds = absl::ToInt64Nanoseconds(delay);
  retry.mutable_retry_delay()->set_seconds(nanoseconds / 1'000'000'000);
  retry.mutable_retry_delay()->set_nanos(static_cast<int32_t>(nanoseconds % 1'000'000'000));
  error.add_details()->PackFrom(retry);
}

void AddBadRequest(std::string_view message, google::rpc::Status& error) {
  const std::string_view field = FieldOf(message);
  google::rpc::BadRequest bad;
  auto& violation = *bad.add_field_violations();
  violation.set_field(std::string(field));
  if (!field.empty()) message.remove_prefix(field.size() + 2);  // ": "
  violation.set_description(std::string(message));
  error.add_details()->PackFrom(bad);
}

}  // namespace

std::vector<std::string> ReasonNames() {
  std::vector<std::string> names;
  names.reserve(kReasons.size());
  for (const ReasonTraits& traits : kReasons) names.emplace_back(traits.name);
  return names;
}

absl::Status WithReason(absl::Status status, Reason reason) {
  const auto found = std::find_if(kReasons.begin(), kReasons.end(), [&](const auto& each) { return each.reason == reason; });
  status.SetPayload(kReasonUrl, absl::Cord(found->name));
  return status;
}

const ReasonTraits& ReasonOf(const absl::Status& status) {
  if (const auto given = status.GetPayload(kReasonUrl)) {
    const auto named = std::find_if(kReasons.begin(), kReasons.end(), [&](const auto& each) { return *given == each.name; });
    if (named != kReasons.end() && named->code == status.code()) return *named;
  }
  const auto usual = std::find_if(kReasons.begin(), kReasons.end(), [&](const auto& each) { return each.code == status.code(); });
  return usual == kReasons.end() ? kReasons.back() : *usual;
}

std::string_view FieldOf(std::string_view message) {
  const size_t colon = message.find(": ");
  if (colon == std::string_view::npos || colon == 0 || colon > kMaxField) return {};
  const std::string_view path = message.substr(0, colon);
  const bool is_path = absl::ascii_islower(path[0]) && std::all_of(path.begin(), path.end(), [](char c) {
                         return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_' || c == '.' || c == '[' || c == ']';
                       });
  return is_path ? path : std::string_view();
}

google::rpc::Status ToRichError(const absl::Status& status, std::string_view request_id) {
  const absl::Status shown = Presentable(status);
  const ReasonTraits& reason = ReasonOf(status);
  google::rpc::Status error;
  error.set_code(static_cast<int>(ToGrpcStatus(shown).error_code()));
  error.set_message(std::string(shown.message()));
  google::rpc::ErrorInfo info;
  info.set_reason(reason.name);
  info.set_domain(kDomain);
  error.add_details()->PackFrom(info);
  if (shown.code() == Code::kInvalidArgument) AddBadRequest(error.message(), error);
  if (reason.retry) AddRetryInfo(RetryDelayOf(status).value_or(reason.retry_after), error);
  if (!request_id.empty()) {
    google::rpc::RequestInfo request;
    request.set_request_id(std::string(request_id));
    error.add_details()->PackFrom(request);
  }
  return error;
}

grpc::Status ToRichStatus(const absl::Status& status, std::string_view request_id) {
  if (status.ok()) return grpc::Status::OK;
  const google::rpc::Status error = ToRichError(status, request_id);
  return grpc::Status(static_cast<grpc::StatusCode>(error.code()), error.message(), error.SerializeAsString());
}

void LogRefusal(const absl::Status& status, std::string_view request_id) {
  Log(IsOurs(status) ? LogLevel::kError : LogLevel::kDebug, "refused",
      {{"request_id", request_id}, {"code", absl::StatusCodeToString(status.code())}, {"error", status.message()}});
}

}  // namespace verdict
