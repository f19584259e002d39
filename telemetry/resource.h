#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"

namespace verdict {

// What spans tell of: the attributes of a process, by OpenTelemetry's names.
struct Resource {
  std::vector<std::pair<std::string, std::string>> attributes = {};
  std::string version = {};  // of the program

  // The value at a key; empty where there is none.
  std::string_view Find(std::string_view key) const;
};

// "key=value,key=value", percent-encoded, as OTEL_RESOURCE_ATTRIBUTES and OTEL_EXPORTER_OTLP_HEADERS have it. Errors:
// kInvalidArgument.
absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParsePairs(std::string_view text);

// The resource of this process: service.name (`name`, unless `attributes` or it is given otherwise), service.version,
// service.instance.id, host.name, process.pid and what `attributes` add or replace.
Resource MakeResource(std::string_view name, std::string_view version,
                      std::vector<std::pair<std::string, std::string>> attributes);

}  // namespace verdict
