#pragma once

#include "absl/time/time.h"

namespace verdict {

// The time of day, for what carries a date that others wrote: certificates and tokens. Whatever is reckoned goes by SteadyNow.
// Thread-safe.
absl::Time WallNow();

}  // namespace verdict
