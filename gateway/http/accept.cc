#include "gateway/http/accept.h"

#include <algorithm>
#include <cmath>

#include "absl/strings/numbers.h"
#include "gateway/http/ascii.h"
#include "gateway/http/header_parameters.h"

namespace verdict {
namespace {

// The part of `rest` before the next comma, without space around it; takes it and the comma off.
std::string_view TakeUntilComma(std::string_view& rest) {
  const std::string_view part = rest.substr(0, rest.find(','));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return StripSpace(part);
}

// RFC 9110, 12.4.2. What is no weight counts as the full one.
int Weight(std::string_view media) {
  const std::string text = MediaParameter(media, "q");
  double weight = 1;
  if (text.empty() || !absl::SimpleAtod(text, &weight) || !(weight >= 0 && weight <= 1)) return 1000;
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
      const std::string_view media = TakeUntilComma(value);
      std::string type = AsciiToLower(HeaderWithoutParameters(media));
      if (!type.empty()) ranges.push_back({std::move(type), std::string(media), Weight(media)});
    }
  });
  std::stable_sort(ranges.begin(), ranges.end(), [](const auto& a, const auto& b) { return a.weight > b.weight; });
  return ranges;
}

}  // namespace verdict
