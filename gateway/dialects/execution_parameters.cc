#include "gateway/dialects/execution_parameters.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "gateway/http/json_string.h"

namespace verdict {
namespace {

constexpr uint64_t kMostMegabytes = 100;

}  // namespace

ExecutionParameters SuggestedParameters(int processors, uint64_t max_body_bytes) {
  ExecutionParameters parameters;
  parameters.max_payload_mb = static_cast<int>(std::clamp<uint64_t>(max_body_bytes >> 20, 1, kMostMegabytes));
  parameters.max_concurrent_transforms = std::clamp(processors, 1, static_cast<int>(kMostMegabytes) / parameters.max_payload_mb);
  return parameters;
}

std::string ToJson(const ExecutionParameters& parameters) {
  std::string json = absl::StrCat(R"({"MaxConcurrentTransforms":)", parameters.max_concurrent_transforms, R"(,"MaxPayloadInMB":)",
                                  parameters.max_payload_mb);
  if (!parameters.batch_strategy.empty()) {
    json += R"(,"BatchStrategy":)";
    AppendJsonString(json, parameters.batch_strategy);
  }
  return json + "}";
}

}  // namespace verdict
