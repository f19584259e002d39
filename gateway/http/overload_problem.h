#pragma once

#include <string>
#include <utility>

#include "gateway/http/rpc_status.h"

namespace verdict {

// What the gateway itself cannot take now: 429, to be tried again after a second.
inline Problem Overloaded(std::string detail) {
  Problem problem{429, std::move(detail)};
  AddRetryAfter(absl::Seconds(1), problem);
  return problem;
}

inline Problem NoPlaceForBody() { return Overloaded("overloaded: too many bodies are being read; try again later"); }

}  // namespace verdict
