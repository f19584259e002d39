#pragma once

#include "gateway/http/http_observer.h"

namespace verdict {

// Writes a line about a request that is over, at level info.
void LogExchange(const FinishedExchange& exchange);

}  // namespace verdict
