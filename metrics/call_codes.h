#pragma once

#include <algorithm>
#include <array>

#include "absl/status/status.h"

namespace verdict {

// The codes that calls of a service end with, of which a metric has a series each from the beginning.
inline constexpr std::array kCallCodes = {absl::StatusCode::kOk,
                                          absl::StatusCode::kInvalidArgument,
                                          absl::StatusCode::kNotFound,
                                          absl::StatusCode::kResourceExhausted,
                                          absl::StatusCode::kUnavailable,
                                          absl::StatusCode::kDeadlineExceeded,
                                          absl::StatusCode::kCancelled,
                                          absl::StatusCode::kUnauthenticated,
                                          absl::StatusCode::kPermissionDenied,
                                          absl::StatusCode::kUnimplemented,
                                          absl::StatusCode::kInternal};

// What a code counts as: itself, or INTERNAL where it is none of them.
inline absl::StatusCode CountedCode(absl::StatusCode code) {
  return std::find(kCallCodes.begin(), kCallCodes.end(), code) == kCallCodes.end() ? absl::StatusCode::kInternal : code;
}

}  // namespace verdict
