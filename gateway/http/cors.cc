#include "gateway/http/cors.h"

#include <algorithm>

namespace verdict {
namespace {

constexpr std::string_view kAllowOrigin = "Access-Control-Allow-Origin";
constexpr std::string_view kAnyOrigin = "*";

// What a page may look at besides the body.
constexpr std::string_view kExposed = "x-request-id, Retry-After, x-retry-after-ms, Inference-Header-Content-Length";

bool Allows(const CorsPolicy& policy, std::string_view origin) {
  const std::vector<std::string>& origins = policy.origins;
  return std::any_of(origins.begin(), origins.end(),
                     [&](const std::string& allowed) { return allowed == kAnyOrigin || allowed == origin; });
}

bool AllowsAll(const CorsPolicy& policy) {
  return std::find(policy.origins.begin(), policy.origins.end(), kAnyOrigin) != policy.origins.end();
}

// Names the origin itself: browsers take no "*" for requests with cookies.
void AllowByName(std::string_view origin, HttpHeaders& headers) {
  headers.Add(kAllowOrigin, origin);
  headers.Add("Vary", "Origin");
}

}  // namespace

bool IsPreflight(const HttpRequest& request) {
  return request.method == "OPTIONS" && request.headers.Find("Origin") && request.headers.Find("Access-Control-Request-Method");
}

HttpResponse AnswerPreflight(const CorsPolicy& policy, const HttpRequest& request) {
  const std::string_view origin = request.headers.Find("Origin").value_or("");
  if (!Allows(policy, origin)) {
    HttpResponse refusal{.status = 400, .content_type = "text/plain; charset=utf-8", .body = "Disallowed CORS origin"};
    refusal.headers.Add("Vary", "Origin");
    return refusal;
  }
  HttpResponse response{.status = 200, .content_type = "text/plain; charset=utf-8", .body = "OK"};
  if (AllowsAll(policy) && !policy.credentials) {
    response.headers.Add(kAllowOrigin, kAnyOrigin);
  } else {
    AllowByName(origin, response.headers);
  }
  if (policy.credentials) response.headers.Add("Access-Control-Allow-Credentials", "true");
  response.headers.Add("Access-Control-Allow-Methods", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT");
  response.headers.Add("Access-Control-Max-Age", "600");
  if (const auto asked = request.headers.Find("Access-Control-Request-Headers")) {
    response.headers.Add("Access-Control-Allow-Headers", *asked);
  }
  return response;
}

void AddCorsHeaders(const CorsPolicy& policy, const HttpRequest& request, HttpHeaders& headers) {
  if (!policy.open() || IsPreflight(request)) return;
  const auto origin = request.headers.Find("Origin");
  const bool by_name = !AllowsAll(policy) || (policy.credentials && request.headers.Find("Cookie"));
  if (!origin || !Allows(policy, *origin)) {
    if (!AllowsAll(policy)) headers.Add("Vary", "Origin");  // a cache shall not give this answer to a page that may read it
    return;
  }
  if (by_name) {
    AllowByName(*origin, headers);
  } else {
    headers.Add(kAllowOrigin, kAnyOrigin);
  }
  if (policy.credentials) headers.Add("Access-Control-Allow-Credentials", "true");
  headers.Add("Access-Control-Expose-Headers", kExposed);
}

}  // namespace verdict
