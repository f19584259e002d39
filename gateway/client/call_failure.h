#pragma once

#include <string>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/cord.h"

namespace verdict {

// What a kUnavailable leaves open: whether the service had the call. One that never had it, or that refused it, has done nothing.
// One whose connection broke may have answered, or may have died of the call.

inline constexpr char kLostCall[] = "verdict/lost-call";

// Says that the service may have had the call.
inline absl::Status MarkLost(absl::Status status) {
  status.SetPayload(kLostCall, absl::Cord());
  return status;
}

inline bool WasLost(const absl::Status& status) { return status.GetPayload(kLostCall).has_value(); }

inline constexpr char kReason[] = "verdict/reason";

// What the network says of a failure: for the log, and not for callers, who learn no addresses.
inline absl::Status WithReason(absl::Status status, const std::string& reason) {
  status.SetPayload(kReason, absl::Cord(reason));
  return status;
}

// That, or nothing.
inline std::string ReasonOf(const absl::Status& status) {
  const auto reason = status.GetPayload(kReason);
  return reason ? std::string(*reason) : std::string();
}

}  // namespace verdict
