#include "gateway/http/accept.h"

#include <algorithm>
#include <cmath>
#include <optional>

#include "absl/strings/numbers.h"
#include "gateway/http/ascii.h"
#include "gateway/http/header_parameters.h"

namespace verdict {
namespace {

// RFC 9110, 12.4.2, and what is read beside it: ".5", more digits. Nothing for what is no weight.
std::optional<int> Weight(std::string_view media) {
  const auto text = FindHeaderParameter(media, "q");
  if (!text) return 1000;
  double weight = 0;
  if (!absl::SimpleAtod(*text, &weight) || !(weight >= 0 && weight <= 1)) return std::nullopt;
  return static_cast<int>(std::lround(weight * 1000));
}

}  // namespace

std::string MediaParameter(std::string_view media, std::string_view name) {
  return AsciiToLower(FindHeaderParameter(media, name).value_or(""));
}

std::vector<MediaRange> ParseAccept(const HttpRequest& request) {
  std::vector<MediaRange> ranges;
  request.headers.ForEach([&](std::string_view name, std::string_view value) {
    if (!EqualsIgnoreCase(name, "Accept")) return;
    while (!value.empty()) {
      const std::string_view media = TakeListElement(value);
      std::string type = AsciiToLower(HeaderWithoutParameters(media));
      const auto weight = Weight(media);
      if (!type.empty() && weight) ranges.push_back({std::move(type), std::string(media), *weight});
    }
  });
  std::stable_sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.weight > b.weight; });
  return ranges;
}

}  // namespace verdict
