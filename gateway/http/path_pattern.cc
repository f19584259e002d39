#include "gateway/http/path_pattern.h"

#include <algorithm>
#include <charconv>

#include "common/utf8.h"

namespace verdict {
namespace {

// The part of `rest` before the next slash; takes it and the slash off.
std::string_view TakeSegment(std::string_view& rest) {
  const std::string_view segment = rest.substr(0, rest.find('/'));
  rest.remove_prefix(std::min(rest.size(), segment.size() + 1));
  return segment;
}

}  // namespace

PathPattern::PathPattern(std::string_view pattern) {
  for (bool more = true; more;) {
    more = pattern.find('/') != std::string_view::npos;
    const std::string_view segment = TakeSegment(pattern);
    const size_t open = segment.find('{');
    const size_t close = segment.find('}');
    if (open == std::string_view::npos || close == std::string_view::npos) {
      segments_.push_back({std::string(segment), {}, {}});
      continue;
    }
    literal_ = false;
    segments_.push_back({std::string(segment.substr(0, open)), std::string(segment.substr(open + 1, close - open - 1)),
                         std::string(segment.substr(close + 1))});
  }
}

std::optional<PathParameters> PathPattern::Match(std::string_view path) const {
  PathParameters parameters;
  for (size_t i = 0; i < segments_.size(); ++i) {
    const Segment& segment = segments_[i];
    const bool last = i + 1 == segments_.size();
    if (last != (path.find('/') == std::string_view::npos)) return std::nullopt;
    std::string_view part = TakeSegment(path);
    if (segment.name.empty()) {
      if (part != segment.prefix) return std::nullopt;
      continue;
    }
    const size_t fixed = segment.prefix.size() + segment.suffix.size();
    if (part.size() <= fixed || !part.starts_with(segment.prefix) || !part.ends_with(segment.suffix)) return std::nullopt;
    auto value = PercentDecode(part.substr(segment.prefix.size(), part.size() - fixed));
    if (!value || FindInvalidUtf8(*value)) return std::nullopt;
    parameters.emplace_back(segment.name, *std::move(value));
  }
  return parameters;
}

std::optional<std::string> PercentDecode(std::string_view text) {
  std::string decoded;
  for (size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      decoded += text[i];
      continue;
    }
    unsigned byte = 0;
    const char* const digits = text.data() + i + 1;
    if (i + 2 >= text.size() || std::from_chars(digits, digits + 2, byte, 16).ptr != digits + 2) return std::nullopt;
    decoded += static_cast<char>(byte);
    i += 2;
  }
  return decoded;
}

}  // namespace verdict
