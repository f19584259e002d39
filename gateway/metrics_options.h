#pragma once

#include "common/options.h"

namespace verdict {

// What the gateway tells scrapers.
struct MetricsOptions {
  bool of_service = true;  // the service's metrics as well
};

void DeclareMetricsOptions(OptionParser& parser, MetricsOptions& options);

}  // namespace verdict
