#pragma once

#include <string>

#include "common/options.h"

namespace verdict {

void DeclareMetricsOptions(OptionParser& parser, std::string& metrics_listen);

}  // namespace verdict
