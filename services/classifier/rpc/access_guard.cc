#include "services/classifier/rpc/access_guard.h"

#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/logging.h"
#include "grpc/grpc_security_constants.h"
#include "security/certificate_names.h"
#include "services/classifier/rpc/error_details.h"
#include "services/classifier/rpc/unary_call.h"

namespace verdict {
namespace {

std::optional<std::string_view> Find(const grpc::CallbackServerContext& context, const char* key) {
  const auto [first, last] = context.client_metadata().equal_range(key);
  if (first == last) return std::nullopt;
  if (std::next(first) != last) return "";  // two of them: which one counts would be a matter of chance, so none does
  return std::string_view(first->second.data(), first->second.size());
}

// What gRPC tells of a certificate, and how NamesOf calls it; in the same order.
struct Property {
  const char* grpc_name;
  const char* kind;
};
constexpr Property kProperties[] = {
    {"peer_uri", "uri:"}, {"peer_dns", "dns:"}, {"peer_email", "email:"}, {GRPC_X509_CN_PROPERTY_NAME, "cn:"}};

std::vector<std::string> NamesIn(const grpc::AuthContext& peer) {
  std::vector<std::string> names;
  for (const Property& property : kProperties) {
    for (const grpc::string_ref& value : peer.FindPropertyValues(property.grpc_name)) {
      AddCertificateName(property.kind, {value.data(), value.size()}, names);
    }
  }
  return names;
}

bool HasCertificate(const grpc::AuthContext& peer) { return !peer.FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME).empty(); }

}  // namespace

AccessGuard::Verdict AccessGuard::Check(const grpc::CallbackServerContext& context, Role role) const {
  if (!access_->restricted()) return {grpc::Status::OK, UncheckedClient(context)};
  const auto peer = context.auth_context();
  std::vector<std::string> names;
  const bool certificate = peer && HasCertificate(*peer);
  if (certificate) names = NamesIn(*peer);
  Access::Decision decision = access_->Decide({.api_key = Find(context, "x-api-key"),
                                               .authorization = Find(context, "authorization"),
                                               .certificate = certificate ? &names : nullptr,
                                               .client_id = Find(context, kClientIdKey)},
                                              role);
  if (decision.status.ok()) {
    if (decision.client.empty()) decision.client = AddressOf(context);
    return {grpc::Status::OK, {.client = std::move(decision.client), .caller = std::move(decision.caller)}};
  }
  const std::string request_id = ReadRequestId(context);
  LogInfo("refused",
          {{"caller", decision.caller}, {"reason", decision.reason}, {"role", RoleName(role)}, {"request_id", request_id}});
  return {ToRichStatus(decision.status, request_id), {}};
}

}  // namespace verdict
