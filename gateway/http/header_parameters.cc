#include "gateway/http/header_parameters.h"

#include <algorithm>
#include <utility>

#include "gateway/http/ascii.h"

namespace verdict {
namespace {

// Where the quoted string that `text` begins with ends, behind its quote; npos: nowhere.
size_t EndOfQuoted(std::string_view text) {
  for (size_t i = 1; i < text.size(); ++i) {
    if (text[i] == '"') return i + 1;
    if (text[i] == '\\') ++i;
  }
  return std::string_view::npos;
}

std::string Unquoted(std::string_view quoted) {
  std::string value;
  for (size_t i = 1; i + 1 < quoted.size(); ++i) {
    if (quoted[i] == '\\') ++i;
    value += quoted[i];
  }
  return value;
}

// Takes a value off the front of `rest`, which is left at the semicolon behind it.
std::string TakeValue(std::string_view& rest) {
  rest = StripSpace(rest);
  const size_t quoted = rest.starts_with('"') ? EndOfQuoted(rest) : std::string_view::npos;
  if (quoted != std::string_view::npos) {
    const std::string_view behind = StripSpace(rest.substr(quoted));
    if (behind.empty() || behind.starts_with(';')) {
      std::string value = Unquoted(rest.substr(0, quoted));
      rest = behind;
      return value;
    }
  }
  const std::string_view plain = rest.substr(0, rest.find(';'));
  rest.remove_prefix(plain.size());
  return std::string(StripSpace(plain));
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

std::string_view TakeListElement(std::string_view& list) {
  size_t end = 0;
  while (end < list.size() && list[end] != ',') {
    const size_t quoted = list[end] == '"' ? EndOfQuoted(list.substr(end)) : 1;
    end = quoted == std::string_view::npos ? list.size() : end + quoted;
  }
  const std::string_view element = list.substr(0, end);
  list.remove_prefix(std::min(list.size(), end + 1));
  return StripSpace(element);
}

std::optional<std::string> FindHeaderParameter(std::string_view header, std::string_view name) {
  for (HeaderParameter& parameter : ReadHeaderParameters(header)) {
    if (parameter.name == name) return std::move(parameter.value);
  }
  return std::nullopt;
}

}  // namespace verdict
