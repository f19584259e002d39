#include "gateway/dialects/registry.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace verdict {
namespace {

struct Entry {
  const char* name;
  Dialect (*make)(const DialectOptions& options);
};

// A contract more is a line more.
constexpr Entry kDialects[] = {
    {"sagemaker", [](const DialectOptions& options) { return SageMakerDialect(options.sagemaker); }},
};

}  // namespace

std::vector<std::string> DialectNames() {
  std::vector<std::string> names;
  for (const Entry& entry : kDialects) names.emplace_back(entry.name);
  return names;
}

absl::StatusOr<std::vector<Dialect>> MakeDialects(const DialectOptions& options) {
  const std::vector<std::string> names = options.enabled.empty() ? DialectNames() : options.enabled;
  std::vector<Dialect> dialects;
  for (const std::string& name : names) {
    const auto* entry = std::find_if(std::begin(kDialects), std::end(kDialects), [&](const Entry& e) { return name == e.name; });
    if (entry == std::end(kDialects)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", name, "\" is no dialect; there are ", absl::StrJoin(DialectNames(), ", ")));
    }
    if (std::count(names.begin(), names.end(), name) > 1) {
      return absl::InvalidArgumentError(absl::StrCat("the dialect \"", name, "\" is listed twice"));
    }
    dialects.push_back(entry->make(options));
    dialects.back().name = name;
  }
  return dialects;
}

}  // namespace verdict
