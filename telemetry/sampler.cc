#include "telemetry/sampler.h"

#include <string>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

constexpr std::string_view kParentBased = "parentbased_";
// The seven bytes that are random where a trace's maker follows the standard's second level.
constexpr int kRandomBits = 56;
constexpr uint64_t kAll = uint64_t{1} << kRandomBits;

}  // namespace

absl::StatusOr<Sampler> Sampler::Create(std::string_view name, double ratio) {
  Sampler sampler;
  std::string_view kind = name;
  sampler.by_parent_ = kind.starts_with(kParentBased);
  if (sampler.by_parent_) kind.remove_prefix(kParentBased.size());
  if (!(ratio >= 0 && ratio <= 1))
    return absl::InvalidArgumentError("the share of traces that are recorded must be within 0 and 1");
  if (kind == "always_on") {
    sampler.bound_ = kAll;
  } else if (kind == "traceidratio") {
    sampler.bound_ = static_cast<uint64_t>(ratio * static_cast<double>(kAll));
  } else if (kind != "always_off") {
    return absl::InvalidArgumentError(
        absl::StrCat("\"", std::string(name),
                     "\" is no sampler: use always_on, always_off or traceidratio, each with or without parentbased_ before it"));
  }
  return sampler;
}

bool Sampler::Samples(const TraceContext& parent, const TraceId& id) const {
  if (by_parent_ && parent.valid()) return parent.sampled;
  return (id.low & (kAll - 1)) < bound_;
}

}  // namespace verdict
