#include "gateway/json/json_value.h"

#include <charconv>
#include <cmath>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "gateway/http/json_string.h"

namespace verdict {
namespace {

namespace json = boost::json;

// Python's repr writes numbers outside these with an exponent.
constexpr double kExponentBelow = 1e-4;
constexpr double kExponentFrom = 1e16;

std::string_view View(json::string_view text) { return {text.data(), text.size()}; }

void AppendArray(std::string& out, const json::array& array) {
  out += '[';
  for (size_t i = 0; i < array.size(); ++i) {
    if (i > 0) out += ',';
    AppendJsonValue(out, array[i]);
  }
  out += ']';
}

void AppendObject(std::string& out, const json::object& object) {
  out += '{';
  bool first = true;
  for (const json::key_value_pair& member : object) {
    if (!first) out += ',';
    first = false;
    AppendJsonString(out, View(member.key()));
    out += ':';
    AppendJsonValue(out, member.value());
  }
  out += '}';
}

}  // namespace

void AppendFloat(std::string& out, double number) {
  if (!std::isfinite(number)) {
    out += "null";
    return;
  }
  const double size = std::fabs(number);
  const bool exponent = number != 0.0 && (size < kExponentBelow || size >= kExponentFrom);
  char digits[32];
  const auto format = exponent ? std::chars_format::scientific : std::chars_format::fixed;
  const std::string_view text(digits,
                              static_cast<size_t>(std::to_chars(digits, digits + sizeof(digits), number, format).ptr - digits));
  out += text;
  if (!exponent && text.find('.') == std::string_view::npos) out += ".0";
}

void AppendJsonValue(std::string& out, const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      return;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::int64:
      absl::StrAppend(&out, value.get_int64());
      return;
    case json::kind::uint64:
      absl::StrAppend(&out, value.get_uint64());
      return;
    case json::kind::double_:
      return AppendFloat(out, value.get_double());
    case json::kind::string:
      return AppendJsonString(out, View(value.get_string()));
    case json::kind::array:
      return AppendArray(out, value.get_array());
    case json::kind::object:
      return AppendObject(out, value.get_object());
  }
}

}  // namespace verdict
