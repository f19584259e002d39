#include "telemetry/access_log_policy.h"

#include "absl/strings/str_cat.h"
#include "telemetry/trace_context.h"

namespace verdict {
namespace {

constexpr uint64_t kAll = uint64_t{1} << 32;

// FNV-1a of Fowler, Noll and Vo, its halves folded: the same in every process and version, unlike a hash table's.
uint32_t HashOf(std::string_view id) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : id) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  hash ^= hash >> 32;
  hash *= 0x9e3779b97f4a7c15;  // its low bits alone mix badly
  return static_cast<uint32_t>(hash >> 32);
}

}  // namespace

void AccessLogPolicy::Declare(OptionParser& parser, Flags& flags) {
  parser
      .Add(
          "access-log", flags.requests,
          "Which requests get a line in the log, at level info: all; failures, which are those and the slow ones; or off. A line "
          "costs some microseconds. The variable sets it for gateway and service alike; under `serve` the service logs failures "
          "unless told")
      ->check(CLI::IsMember({"all", "failures", "off"}));
  parser
      .Add("access-log-sample-rate", flags.sample_rate,
           "Share of the successful requests that get their line, 0 to 1, chosen by request id: gateway and service choose the "
           "same. "
           "Failures and slow ones always get theirs")
      ->check(CLI::Range(0.0, 1.0));
  parser
      .Add("access-log-slow-ms", flags.slow_ms,
           "A request that takes longer is slow and gets its line whatever the share; 0: none is")
      ->check(CLI::Range(0, 86'400'000));
}

absl::StatusOr<AccessLogPolicy> AccessLogPolicy::Create(const Flags& flags) {
  AccessLogPolicy policy;
  if (flags.requests == "failures") {
    policy.requests_ = Requests::kFailures;
  } else if (flags.requests == "off") {
    policy.requests_ = Requests::kNone;
  } else if (flags.requests != "all") {
    return absl::InvalidArgumentError(absl::StrCat("--access-log: \"", flags.requests, "\": use all, failures or off"));
  }
  if (!(flags.sample_rate >= 0 && flags.sample_rate <= 1))
    return absl::InvalidArgumentError("--access-log-sample-rate must be within 0 and 1");
  policy.bound_ = static_cast<uint64_t>(flags.sample_rate * static_cast<double>(kAll));
  if (flags.slow_ms > 0) policy.slow_ = absl::Milliseconds(flags.slow_ms);
  return policy;
}

bool AccessLogPolicy::Keeps(const Request& request) const {
  if (requests_ == Requests::kNone) return false;
  if (request.failed || request.duration > slow_) return true;
  if (requests_ == Requests::kFailures) return false;
  if (bound_ == kAll) return true;
  const uint32_t hash = request.request_id.empty() ? static_cast<uint32_t>(NewSpanId()) : HashOf(request.request_id);
  return hash < bound_;
}

}  // namespace verdict
