#include "gateway/authorize.h"

#include <memory>
#include <optional>
#include <utility>

#include "common/logging.h"
#include "gateway/http/tls_context.h"

namespace verdict {
namespace {

constexpr std::string_view kApiKey = "x-api-key";
constexpr std::string_view kAuthorization = "Authorization";

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
  const Credentials credentials{.api_key = request.headers.Find(kApiKey),
                                .authorization = request.headers.Find(kAuthorization),
                                .certificate = asked.certificate};
  Access::Decision decision = access.Decide(credentials, asked.role);
  asked.caller = std::move(decision.caller);
  if (decision.status.ok()) return std::nullopt;
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
