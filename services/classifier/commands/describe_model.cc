#include "services/classifier/commands/describe_model.h"

#include <cstdint>
#include <fstream>
#include <sstream>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace verdict {
namespace {

std::string Line(std::string_view name, std::string_view value) {
  return absl::StrFormat("%-16s%s\n", name, value.empty() ? "none" : value);
}

// Megabytes of a member of /proc/self/status; 0 where there is no such file.
int64_t ProcessMegabytes(std::string_view member) {
  std::ifstream status("/proc/self/status");
  std::string name;
  int64_t kibibytes = 0;
  for (std::string line; std::getline(status, line);) {
    std::istringstream words(line);
    if (words >> name >> kibibytes && name == member) return kibibytes * 1024 / 1'000'000;
  }
  return 0;
}

std::string Memory(const ModelInfo& info) {
  std::string memory =
      absl::StrCat(ProcessMegabytes("VmRSS:"), " MB resident, ", ProcessMegabytes("VmHWM:"), " MB at most while loading");
  if (info.parameters > 0)
    absl::StrAppendFormat(&memory, "; weights %.1f MB", static_cast<double>(info.parameters) * sizeof(float) / 1e6);
  return memory;
}

std::string Limit(const ModelClassifier::Parts& parts) {
  const std::string tokenizer = parts.model_max_length ? absl::StrCat(*parts.model_max_length) : "sets no limit";
  return absl::StrCat(parts.info.max_tokens, " (model ", parts.backend->info().max_tokens, ", tokenizer ", tokenizer, ")");
}

std::string DescribeTokenizer(const ModelClassifier::Parts& parts) {
  const TokenizerDescription tokenizer = parts.tokenizer->Describe();
  return absl::StrCat(Line("tokenizer", parts.tokenizer_class), Line("  normalizer", tokenizer.pipeline.normalizer),
                      Line("  pre_tokenizer", tokenizer.pipeline.pre_tokenizer), Line("  model", tokenizer.pipeline.model),
                      Line("  tokens", absl::StrCat(parts.tokenizer->vocabulary_size(), ", ", tokenizer.added_tokens,
                                                    " of them looked for in the text itself")),
                      Line("  text", tokenizer.text), Line("  pair", tokenizer.pair));
}

}  // namespace

std::string DescribeModel(const ModelClassifier::Parts& parts) {
  const ModelInfo& info = parts.info;
  std::string all = absl::StrCat(
      Line("architecture", absl::StrCat(info.architecture, " (", info.backend, ", ", info.precision, ")")),
      Line("version", info.version), Line("parameters", info.parameters > 0 ? absl::StrCat(info.parameters) : "unknown"),
      DescribeTokenizer(parts), Line("max tokens", Limit(parts)),
      Line("longer texts",
           parts.truncation_policy == TruncationPolicy::kTail ? "keep their end (tail)" : "keep their start (head)"),
      Line("function", info.default_function_to_apply), Line("memory", Memory(info)),
      Line("labels", absl::StrCat(info.labels.size())));
  for (size_t id = 0; id < info.labels.size(); ++id) absl::StrAppend(&all, "  ", id, "  ", info.labels[id], "\n");
  return all;
}

}  // namespace verdict
