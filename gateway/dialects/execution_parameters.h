#pragma once

#include <cstdint>
#include <string>

namespace verdict {

// What batch transform is told to ask for.
struct ExecutionParameters {
  int max_concurrent_transforms = 1;
  int max_payload_mb = 6;      // 0: bodies of any size, in chunks
  std::string batch_strategy;  // as it is to be told; empty: not at all
};

// The parameters that suit a machine: as many requests at once as there are processors, and bodies as large as one may be, within
// SageMaker's own limits of 100 MB a body and 100 MB of all bodies under way.
ExecutionParameters SuggestedParameters(int processors, uint64_t max_body_bytes);

// {"MaxConcurrentTransforms":4,"MaxPayloadInMB":25}, and "BatchStrategy" where it is told.
std::string ToJson(const ExecutionParameters& parameters);

}  // namespace verdict
