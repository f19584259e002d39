#include "gateway/http/problem.h"

#include "absl/strings/str_cat.h"
#include "gateway/http/http_status.h"
#include "gateway/http/json_string.h"

namespace verdict {

HttpResponse ToResponse(const Problem& problem, std::string_view request_id) {
  HttpResponse response{.status = problem.status, .content_type = "application/problem+json", .headers = problem.headers};
  std::string& body = response.body;
  body = R"({"type":"about:blank","title":)";
  AppendJsonString(body, ReasonPhrase(problem.status));
  absl::StrAppend(&body, ",\"status\":", problem.status, ",\"detail\":");
  AppendJsonString(body, problem.detail);
  body += ",\"error\":";
  AppendJsonString(body, problem.detail);
  body += ",\"request_id\":";
  AppendJsonString(body, request_id);
  body += '}';
  return response;
}

}  // namespace verdict
