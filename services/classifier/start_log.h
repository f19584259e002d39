#pragma once

#include <vector>

#include "absl/time/time.h"
#include "common/options.h"
#include "services/classifier/api/model_info.h"
#include "services/classifier/options.h"

namespace verdict {

// What the log says at the start, each in one line: every option with where it was set, secrets left out;
void LogOptions(const OptionParser& parser);

// and what the process makes of them: addresses with the ports that were taken, processors and what they can do, threads, memory,
// and each model with its precision and bytes. Then a line "ready" for each model.
struct StartPlan {
  std::vector<int> ports;  // of options.grpc_listen; 0: a socket
  std::vector<ModelInfo> models;
  absl::Duration took;
};
void LogPlan(const ServiceOptions& options, const StartPlan& plan);

}  // namespace verdict
