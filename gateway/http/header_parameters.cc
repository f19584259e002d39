#include "gateway/http/header_parameters.h"

#include <algorithm>
#include <utility>

#include "gateway/http/ascii.h"

namespace verdict {
namespace {

// Takes a value off the front of `rest`, which is left at the semicolon behind it.
std::string TakeValue(std::string_view& rest) {
  rest = StripSpace(rest);
  std::string value;
  if (!rest.starts_with('"')) {
    value = StripSpace(rest.substr(0, rest.find(';')));
  } else {
    size_t i = 1;
    for (; i < rest.size() && rest[i] != '"'; ++i) {
      if (rest[i] == '\\' && i + 1 < rest.size()) ++i;
      value += rest[i];
    }
    rest.remove_prefix(i);
  }
  rest.remove_prefix(std::min(rest.size(), rest.find(';')));
  return value;
}

}  // namespace

std::string_view HeaderWithoutParameters(std::string_view header) { return StripSpace(header.substr(0, header.find(';'))); }

std::vector<HeaderParameter> ReadHeaderParameters(std::string_view header) {
  std::vector<HeaderParameter> parameters;
  std::string_view rest = header.substr(std::min(header.size(), header.find(';')));
  while (!rest.empty()) {
    rest.remove_prefix(1);  // the semicolon
    const size_t end = std::min(rest.size(), rest.find_first_of("=;"));
    HeaderParameter parameter{AsciiToLower(StripSpace(rest.substr(0, end))), {}};
    rest.remove_prefix(end);
    if (rest.starts_with('=')) {
      rest.remove_prefix(1);
      parameter.value = TakeValue(rest);
    }
    if (!parameter.name.empty()) parameters.push_back(std::move(parameter));
  }
  return parameters;
}

std::optional<std::string> FindHeaderParameter(std::string_view header, std::string_view name) {
  for (HeaderParameter& parameter : ReadHeaderParameters(header)) {
    if (parameter.name == name) return std::move(parameter.value);
  }
  return std::nullopt;
}

}  // namespace verdict
