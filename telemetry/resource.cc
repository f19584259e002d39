#include "telemetry/resource.h"

#include <unistd.h>

#include <algorithm>
#include <optional>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "telemetry/trace_context.h"

namespace verdict {
namespace {

std::optional<std::string> PercentDecoded(std::string_view text) {
  std::string out;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    if (i + 2 >= text.size() || !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 1])) ||
        !absl::ascii_isxdigit(static_cast<unsigned char>(text[i + 2]))) {
      return std::nullopt;
    }
    out += static_cast<char>(std::stoi(std::string(text.substr(i + 1, 2)), nullptr, 16));
    i += 2;
  }
  return out;
}

std::string HostName() {
  char name[256] = {};
  return gethostname(name, sizeof(name) - 1) == 0 ? name : "";
}

}  // namespace

std::string_view Resource::Find(std::string_view key) const {
  const auto found = std::find_if(attributes.begin(), attributes.end(), [key](const auto& pair) { return pair.first == key; });
  return found == attributes.end() ? std::string_view() : std::string_view(found->second);
}

absl::StatusOr<std::vector<std::pair<std::string, std::string>>> ParsePairs(std::string_view text) {
  std::vector<std::pair<std::string, std::string>> pairs;
  const std::string all(text);
  for (const auto part : absl::StrSplit(all, ',', absl::SkipWhitespace())) {
    const std::string pair(part);
    const size_t equals = pair.find('=');
    const std::string key(absl::StripAsciiWhitespace(pair.substr(0, equals)));
    if (equals == std::string::npos || key.empty()) return absl::InvalidArgumentError("expected key=value,key=value");
    auto value = PercentDecoded(std::string(absl::StripAsciiWhitespace(pair.substr(equals + 1))));
    // Not the value: it may be a secret.
    if (!value)
      return absl::InvalidArgumentError(absl::StrCat("the value of ", key, " has a % without two hexadecimal digits after it"));
    pairs.emplace_back(key, *std::move(value));
  }
  return pairs;
}

Resource MakeResource(std::string_view name, std::string_view version,
                      std::vector<std::pair<std::string, std::string>> attributes) {
  Resource resource{.attributes = std::move(attributes), .version = std::string(version)};
  const auto add = [&](std::string_view key, std::string value) {
    if (resource.Find(key).empty() && !value.empty()) resource.attributes.emplace_back(key, std::move(value));
  };
  add("service.name", std::string(name));
  add("service.version", std::string(version));
  add("service.instance.id", ToHex(NewTraceId()));
  add("host.name", HostName());
  add("process.pid", absl::StrCat(getpid()));
  add("telemetry.sdk.name", "verdict");
  add("telemetry.sdk.language", "cpp");
  add("telemetry.sdk.version", std::string(version));
  return resource;
}

}  // namespace verdict
