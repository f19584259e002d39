#include "gateway/dialects/error_bodies.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/http/json_string.h"

namespace verdict {
namespace {

std::string_view TypeOf(int status) {
  switch (status) {
    case 403:
      return "AccessDeniedException";
    case 404:
      return "ModelNotFoundException";
    case 405:
      return "MethodNotAllowedException";
    case 408:
    case 504:
      return "RequestTimeoutException";
    case 409:
      return "ConflictStatusException";
    case 507:
      return "InsufficientMemoryException";
    case 429:
    case 503:
      return "ServiceUnavailableException";
    default:
      return status < 500 ? "BadRequestException" : "InternalServerException";
  }
}

}  // namespace

HttpResponse JsonResponse(std::string body, int status) {
  return {.status = status, .content_type = "application/json", .body = std::move(body)};
}

HttpResponse WriteErrorMember(const Problem& problem) {
  HttpResponse response{.status = problem.status, .content_type = "application/json", .headers = problem.headers};
  response.body = R"({"error":)";
  AppendJsonString(response.body, problem.detail);
  response.body += '}';
  return response;
}

HttpResponse WriteModelServerError(const Problem& problem, std::string_view type) {
  HttpResponse response{.status = problem.status, .content_type = "application/json", .headers = problem.headers};
  response.body = absl::StrCat(R"({"code":)", problem.status, R"(,"type":)");
  AppendJsonString(response.body, type.empty() ? TypeOf(problem.status) : type);
  response.body += R"(,"message":)";
  AppendJsonString(response.body, problem.detail);
  response.body += '}';
  return response;
}

}  // namespace verdict
