#include "security/access.h"

#include <algorithm>
#include <cctype>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/json_file.h"
#include "security/file_permissions.h"
#include "security/wall_clock.h"

namespace verdict {
namespace {

constexpr size_t kLargestFile = 8 << 20;
constexpr size_t kLongestKey = 512;
constexpr size_t kLongestClient = 128;

constexpr char kNeedsCredentials[] = "this needs a credential: an API key or a token";
constexpr char kNotValid[] = "the credential is not valid";
constexpr char kNotAllowed[] = "the credential is valid but does not allow this";

// What stands behind "Bearer", of which the standard (RFC 7235, 2.1) says that its case does not matter.
std::optional<std::string_view> BearerOf(std::string_view authorization) {
  constexpr std::string_view kScheme = "bearer ";
  if (authorization.size() <= kScheme.size()) return std::nullopt;
  for (size_t i = 0; i < kScheme.size(); ++i) {
    if (std::tolower(static_cast<unsigned char>(authorization[i])) != kScheme[i]) return std::nullopt;
  }
  const size_t begin = authorization.find_first_not_of(' ', kScheme.size());
  if (begin == std::string_view::npos) return std::nullopt;
  return authorization.substr(begin);
}

// What is passed on and logged: names in certificates may be long, and have any characters.
bool IsVisible(std::string_view name) {
  return !name.empty() && name.size() <= kLongestClient &&
         std::all_of(name.begin(), name.end(), [](char c) { return c > 0x20 && c < 0x7F; });
}

std::string Visible(const std::string& name) {
  return IsVisible(name) ? name : absl::StrCat("#", Sha256Hex(name).substr(0, 16));  // no other name has a "#"
}

// A file of rules. An empty one is taken for one that somebody is about to write: to let nobody in it takes a comment.
absl::StatusOr<std::string> ReadRules(const std::string& path) {
  auto text = ReadFile(path, kLargestFile);
  if (!text.ok()) return text;
  if (absl::StripAsciiWhitespace(*text).empty()) return absl::InvalidArgumentError(absl::StrCat(path, ": the file is empty"));
  WarnOfPermissions(path, FileKind::kRules);
  return text;
}

absl::Status At(const std::string& path, const absl::Status& status) {
  return absl::Status(status.code(), absl::StrCat(path, ": ", status.message()));
}

}  // namespace

// The caller, or why there is none.
struct Access::Found {
  std::optional<Caller> caller = {};
  std::string_view reason = {};
  bool presented = false;
};

absl::StatusOr<std::shared_ptr<const Access>> Access::Create(Options options, FileWatcher& files) {
  const std::shared_ptr<Access> access(new Access(std::move(options)));
  const Options& chosen = access->options_;
  access->restricted_ = !chosen.api_keys_file.empty() || !chosen.client_certificates_file.empty() || !chosen.jwks_file.empty() ||
                        chosen.certificates;
  access->keys_.Set(ApiKeys());
  access->names_.Set(CertificateNames());
  if (!access->restricted_) return access;
  if (const std::string& path = chosen.api_keys_file; !path.empty()) {
    if (auto status = files.Watch("API keys", {path}, [access] { return access->LoadKeys(); }); !status.ok()) return status;
  } else if (!chosen.gateway_key_hash.empty()) {
    if (absl::Status status = access->LoadKeys(); !status.ok()) return status;
  }
  if (const std::string& path = chosen.client_certificates_file; !path.empty()) {
    auto status = files.Watch("names in client certificates", {path}, [access] { return access->LoadNames(); });
    if (!status.ok()) return status;
  }
  if (const std::string& path = chosen.jwks_file; !path.empty()) {
    auto status = files.Watch("keys for tokens", {path}, [access] { return access->LoadJwks(); });
    if (!status.ok()) return status;
  }
  return access;
}

absl::Status Access::LoadKeys() {
  ApiKeys keys;
  if (const std::string& path = options_.api_keys_file; !path.empty()) {
    const auto text = ReadRules(path);
    if (!text.ok()) return text.status();
    auto parsed = ApiKeys::Parse(*text);
    if (!parsed.ok()) return At(path, parsed.status());
    keys = *std::move(parsed);
  }
  if (const std::string& hash = options_.gateway_key_hash; !hash.empty()) {
    if (absl::Status status = keys.Add({"gateway", Roles::All()}, hash); !status.ok()) return status;
  }
  keys_.Set(std::move(keys));
  return absl::OkStatus();
}

absl::Status Access::LoadNames() {
  const std::string& path = options_.client_certificates_file;
  const auto text = ReadRules(path);
  if (!text.ok()) return text.status();
  auto names = CertificateNames::Parse(*text);
  if (!names.ok()) return At(path, names.status());
  names_.Set(*std::move(names));
  return absl::OkStatus();
}

absl::Status Access::LoadJwks() {
  const std::string& path = options_.jwks_file;
  const auto text = ReadRules(path);
  if (!text.ok()) return text.status();
  auto keys = Jwks::Parse(*text);
  if (!keys.ok()) return At(path, keys.status());
  jwks_.Set(*std::move(keys));
  return absl::OkStatus();
}

Access::Found Access::FindKey(std::string_view key) const {
  if (key.size() > kLongestKey) return {.reason = "a key that is too long", .presented = true};
  const auto keys = keys_.get();
  const Caller* const caller = keys->Find(key);
  if (caller == nullptr) return {.reason = "an unknown key", .presented = true};
  return {.caller = *caller, .presented = true};
}

Access::Found Access::FindToken(std::string_view token) const {
  const auto keys = jwks_.get();
  auto verified = VerifyJwt(token, *keys, options_.jwt, WallNow());
  if (auto* const caller = std::get_if<Caller>(&verified)) return {.caller = std::move(*caller), .presented = true};
  return {.reason = std::get<BadToken>(verified).reason, .presented = true};
}

Access::Found Access::FindCaller(const Credentials& credentials) const {
  if (credentials.api_key) return FindKey(*credentials.api_key);
  if (credentials.authorization) {
    const auto bearer = BearerOf(*credentials.authorization);
    if (!bearer) return {.reason = "an Authorization that is no Bearer", .presented = true};
    const bool token = !options_.jwks_file.empty() && LooksLikeJwt(*bearer);
    return token ? FindToken(*bearer) : FindKey(*bearer);
  }
  if (credentials.certificate == nullptr) return {.caller = Caller{{}, options_.anonymous_roles}};
  const auto names = names_.get();
  if (const Caller* const caller = names->Find(*credentials.certificate)) return {.caller = *caller, .presented = true};
  const std::string name = credentials.certificate->empty() ? "certificate" : credentials.certificate->front();
  return {.caller = Caller{name, options_.certificate_roles}, .presented = true};
}

Access::Decision Access::Decide(const Credentials& credentials, Role needed) const {
  if (!restricted_) return {};
  Found found = FindCaller(credentials);
  if (!found.caller) {
    ++not_valid_;
    return {absl::UnauthenticatedError(kNotValid), {}, {}, found.reason, found.presented};
  }
  if (found.caller->roles.Has(needed)) {
    const bool named = found.caller->roles.Has(Role::kDelegate) && credentials.client_id && IsVisible(*credentials.client_id);
    std::string client = named ? std::string(*credentials.client_id) : found.presented ? Visible(found.caller->name) : "";
    return {absl::OkStatus(), std::move(found.caller->name), std::move(client), {}, found.presented};
  }
  if (!found.presented) {
    ++none_;
    return {absl::UnauthenticatedError(kNeedsCredentials), {}, {}, "no credential", false};
  }
  ++role_missing_;
  return {absl::PermissionDeniedError(kNotAllowed), std::move(found.caller->name), {}, "a role is missing", true};
}

}  // namespace verdict
