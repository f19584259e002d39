#include "metrics/registry.h"

namespace verdict {

std::string MetricRegistry::Write(MetricFormat format) const {
  std::string out;
  const std::lock_guard lock(mutex_);
  for (const auto& update : updates_) update();
  for (const auto& family : families_) family->Write(out, format);
  return out;
}

std::vector<MetricInfo> MetricRegistry::Describe() const {
  std::vector<MetricInfo> all;
  const std::lock_guard lock(mutex_);
  for (const auto& family : families_) all.push_back(family->info());
  return all;
}

}  // namespace verdict
