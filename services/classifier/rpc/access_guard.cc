#include "services/classifier/rpc/access_guard.h"

#include <iterator>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "common/logging.h"
#include "grpc/grpc_security_constants.h"
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

}  // namespace

// Not by gRPC's own properties of names: those are sorted by kind, and the first name that has rights is to be the same here as
// over HTTP.
std::shared_ptr<const std::vector<std::string>> AccessGuard::NamesOfPeer(const grpc::CallbackServerContext& context) const {
  const auto peer = context.auth_context();
  if (peer == nullptr) return nullptr;
  const auto certificates = peer->FindPropertyValues(GRPC_X509_PEM_CERT_PROPERTY_NAME);
  if (certificates.empty()) return nullptr;
  return names_->Of({certificates.front().data(), certificates.front().size()});
}

AccessGuard::Verdict AccessGuard::Check(const grpc::CallbackServerContext& context, Role role) const {
  if (!access_->restricted()) return {grpc::Status::OK, UncheckedClient(context)};
  const auto names = NamesOfPeer(context);
  Access::Decision decision = access_->Decide({.api_key = Find(context, "x-api-key"),
                                               .authorization = Find(context, "authorization"),
                                               .certificate = names.get(),
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
