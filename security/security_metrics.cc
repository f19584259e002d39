#include "security/security_metrics.h"

#include <memory>

#include "absl/time/time.h"

namespace verdict {
namespace {

void AddRefusals(MetricRegistry& registry, const std::string& process, std::shared_ptr<const Access> access) {
  auto& refusals = registry.Add<Gauge>(
      {.name = "verdict_refused_credentials_total",
       .type = MetricType::kCounter,
       .help =
           "Requests that were refused for who sent them: none, there was no credential; not_valid, an unknown key or a token "
           "that does not count; role_missing, a caller that is known and may not do this",
       .labels = {"process", "reason"}});
  const auto none = refusals.With({process, "none"});
  const auto not_valid = refusals.With({process, "not_valid"});
  const auto role_missing = refusals.With({process, "role_missing"});
  registry.OnWrite([=, access = std::move(access)] {
    const Access::Refusals now = access->refusals();
    none->Set(static_cast<double>(now.none));
    not_valid->Set(static_cast<double>(now.not_valid));
    role_missing->Set(static_cast<double>(now.role_missing));
  });
}

void AddReloads(MetricRegistry& registry, const std::string& process, const FileWatcher& files) {
  auto& reloads =
      registry.Add<Gauge>({.name = "verdict_file_reloads_total",
                           .type = MetricType::kCounter,
                           .help = "Certificates, keys and lists of callers that were loaded again because their files "
                                   "changed, or could not be; each try counts",
                           .labels = {"process", "result"}});
  const auto loaded = reloads.With({process, "loaded"});
  const auto failed = reloads.With({process, "failed"});
  registry.OnWrite([=, &files] {
    const FileWatcher::Reloads now = files.reloads();
    loaded->Set(static_cast<double>(now.loaded));
    failed->Set(static_cast<double>(now.failed));
  });
}

// The series are there where the process has a certificate.
void AddExpiry(MetricRegistry& registry, const std::string& process, std::shared_ptr<CertificateStore> certificates) {
  auto& family = registry.Add<Gauge>({.name = "verdict_certificate_expiry_timestamp_seconds",
                                      .type = MetricType::kGauge,
                                      .help = "When the certificate that the process shows its callers expires, in seconds since "
                                              "the Unix epoch; there where it has one",
                                      .labels = {"process"}});
  if (!certificates) return;
  registry.OnWrite([expiry = family.With({process}), certificates = std::move(certificates)] {
    expiry->Set(static_cast<double>(absl::ToUnixSeconds(certificates->current()->not_after)));
  });
}

}  // namespace

void AddSecurityMetrics(MetricRegistry& registry, const std::string& process, const Security& security) {
  AddRefusals(registry, process, security.access);
  AddReloads(registry, process, *security.files);
  AddExpiry(registry, process, security.certificates);
}

}  // namespace verdict
