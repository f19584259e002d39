#include "gateway/dialects/tei_problem.h"

#include <utility>

#include "gateway/http/json_string.h"

namespace verdict {
namespace {

constexpr char kValidation[] = "Validation";
constexpr char kEmpty[] = "Empty";

struct Kind {
  int status;
  std::string_view type;
};

// Problem::json holds the type where the dialect itself found the problem.
Kind KindOfProblem(const Problem& problem) {
  if (!problem.json.empty()) return {problem.status, problem.json};
  switch (problem.status) {
    case 400:
      return {422, kValidation};
    case 429:
      return {429, "Overloaded"};
    case 500:
      return {424, "Backend"};
    case 503:
      return {503, "Unhealthy"};
    default:
      return {problem.status, problem.status < 500 ? kValidation : "Backend"};
  }
}

}  // namespace

Problem TeiValidation(std::string detail) {
  return {.status = 422, .detail = std::move(detail), .headers = {}, .json = kValidation};
}

Problem TeiEmpty(std::string detail) { return {.status = 400, .detail = std::move(detail), .headers = {}, .json = kEmpty}; }

HttpResponse WriteTeiProblem(const HttpRequest&, const Problem& problem) {
  const Kind kind = KindOfProblem(problem);
  HttpResponse response{.status = kind.status, .content_type = "application/json", .headers = problem.headers};
  response.body = R"({"error":)";
  AppendJsonString(response.body, problem.detail);
  response.body += R"(,"error_type":)";
  AppendJsonString(response.body, kind.type);
  response.body += '}';
  return response;
}

}  // namespace verdict
