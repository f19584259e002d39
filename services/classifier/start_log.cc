#include "services/classifier/start_log.h"

#include <unistd.h>

#include <algorithm>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/logging.h"
#include "process/cpu_limit.h"
#include "process/memory_limit.h"
#include "services/classifier/kernels/kernels.h"

namespace verdict {
namespace {

std::string Member(std::string_view name, std::string_view value) {
  return absl::StrCat(JsonString(name), ":", JsonString(value));
}
std::string Member(std::string_view name, int64_t value) { return absl::StrCat(JsonString(name), ":", value); }

std::string Addresses(const ServiceOptions& options, const std::vector<int>& ports) {
  std::vector<std::string> addresses;
  for (size_t i = 0; i < options.grpc_listen.size(); ++i) {
    std::string address = options.grpc_listen[i];
    const bool any = i < ports.size() && ports[i] != 0 && address.ends_with(":0");
    if (any) address = absl::StrCat(address.substr(0, address.size() - 1), ports[i]);
    addresses.push_back(JsonString(address));
  }
  return absl::StrCat("[", absl::StrJoin(addresses, ","), "]");
}

std::string Models(const std::vector<ModelInfo>& models) {
  return absl::StrCat("[",
                      absl::StrJoin(models, ",",
                                    [](std::string* out, const ModelInfo& model) {
                                      absl::StrAppend(out, "{", Member("name", model.name), ",", Member("version", model.version),
                                                      ",", Member("path", model.path), ",", Member("backend", model.backend), ",",
                                                      Member("precision", model.precision), ",",
                                                      Member("memory_bytes", model.memory_bytes), "}");
                                    }),
                      "]");
}

std::string InstructionSets() {
  return absl::StrJoin(UsableKernels(), ",",
                       [](std::string* out, const Kernels* kernels) { absl::StrAppend(out, kernels->name); });
}

void LogReady(const StartPlan& plan) {
  const auto tcp = std::find_if(plan.ports.begin(), plan.ports.end(), [](int each) { return each != 0; });
  const int port = tcp == plan.ports.end() ? 0 : *tcp;
  const double start_ms = absl::ToDoubleMilliseconds(plan.took);
  if (plan.models.empty()) LogInfo("ready", {{"port", port}, {"start_ms", start_ms}});
  for (const ModelInfo& model : plan.models) {
    LogInfo("ready", {{"port", port},
                      {"model", model.name},
                      {"version", model.version},
                      {"architecture", model.architecture},
                      {"backend", model.backend},
                      {"precision", model.precision},
                      {"labels", static_cast<int64_t>(model.labels.size())},
                      {"max_tokens", model.max_tokens},
                      {"parameters", model.parameters},
                      {"start_ms", start_ms}});
  }
}

}  // namespace

void LogOptions(const OptionParser& parser) {
  LogInfo("options", {{"options", LogJson{parser.EffectiveJson()}}, {"set_by", LogJson{parser.SourcesJson()}}});
}

void LogPlan(const ServiceOptions& options, const StartPlan& plan) {
  const MemoryState memory = CurrentMemory(options.memory_limit_bytes);
  const int processors = AvailableProcessors();
  LogInfo("plan", {{"version", VERDICT_VERSION},
                   {"pid", static_cast<int64_t>(getpid())},
                   {"listen", LogJson{Addresses(options, plan.ports)}},
                   {"processors", processors},
                   {"threads", options.threads > 0 ? options.threads : processors},
                   {"kernels", BestKernels().name},
                   {"instruction_sets", InstructionSets()},
                   {"precision", options.precision},
                   {"max_batch_tokens", options.max_batch_tokens},
                   {"memory_limit_bytes", memory.limit},
                   {"memory_used_bytes", memory.used},
                   {"models", LogJson{Models(plan.models)}}});
  LogReady(plan);
}

}  // namespace verdict
