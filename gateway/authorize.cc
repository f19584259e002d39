#include "gateway/authorize.h"

#include <memory>
#include <optional>
#include <utility>

#include "common/logging.h"
#include "gateway/call_context.h"
#include "gateway/http/tls_context.h"

namespace verdict {
namespace {

constexpr std::string_view kApiKey = "x-api-key";
constexpr std::string_view kAuthorization = "Authorization";
constexpr std::string_view kNobody = "-";

// Of two fields of a name none counts: which one it is would be a matter of chance, and of who reads it.
std::optional<std::string_view> FindOne(const HttpHeaders& headers, std::string_view name) {
  return headers.Count(name) > 1 ? std::string_view() : headers.Find(name);
}

// RFC 6750, 3: without a credential there is no error code.
Problem Refusal(const Access::Decision& decision) {
  if (absl::IsPermissionDenied(decision.status)) return {403, std::string(decision.status.message())};
  Problem problem{401, std::string(decision.status.message())};
  problem.headers.Add("WWW-Authenticate",
                      decision.presented ? R"(Bearer realm="verdict", error="invalid_token")" : R"(Bearer realm="verdict")");
  return problem;
}

std::optional<Problem> Authorize(const Access& access, const AuthorizationRequest& asked) {
  const HttpRequest& request = asked.request;
  const Credentials credentials{.api_key = FindOne(request.headers, kApiKey),
                                .authorization = FindOne(request.headers, kAuthorization),
                                .certificate = asked.certificate,
                                .client_id = FindOne(request.headers, kClientIdHeader)};
  Access::Decision decision = access.Decide(credentials, asked.role);
  asked.caller = std::move(decision.caller);
  if (decision.status.ok()) {
    asked.client = std::move(decision.client);
    if (asked.client.empty()) asked.client = request.client_address.empty() ? kNobody : request.client_address;
    return std::nullopt;
  }
  LogInfo("refused", {{"caller", asked.caller},
                      {"reason", decision.reason},
                      {"role", RoleName(asked.role)},
                      {"request_id", request.request_id}});
  return Refusal(decision);
}

}  // namespace

void Secure(const Security& security, HttpConventions& conventions) {
  if (security.certificates) conventions.tls = std::make_shared<TlsContext>(security.certificates, security.client_certificate);
  if (!security.access->restricted()) return;
  conventions.authorize = [access = security.access](const AuthorizationRequest& asked) { return Authorize(*access, asked); };
}

}  // namespace verdict
