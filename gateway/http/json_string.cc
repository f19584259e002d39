#include "gateway/http/json_string.h"

#include "common/utf8.h"

namespace verdict {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// The letter of a two-character escape, or 0.
char ShortEscape(unsigned char c) {
  switch (c) {
    case '"':
    case '\\':
      return static_cast<char>(c);
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

void AppendEscape(std::string& out, unsigned char c) {
  constexpr char kHex[] = "0123456789abcdef";
  out += '\\';
  if (const char letter = ShortEscape(c)) {
    out += letter;
    return;
  }
  out += "u00";
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

void AppendWellFormed(std::string& out, std::string_view text) {
  size_t copied = 0;
  for (size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text, copied, i - copied);
    AppendEscape(out, c);
    copied = i + 1;
  }
  out.append(text, copied);
}

}  // namespace

void AppendJsonString(std::string& out, std::string_view text) {
  out += '"';
  for (auto bad = FindInvalidUtf8(text); bad; bad = FindInvalidUtf8(text)) {
    AppendWellFormed(out, text.substr(0, *bad));
    out += kReplacement;
    text.remove_prefix(*bad + 1);
  }
  AppendWellFormed(out, text);
  out += '"';
}

}  // namespace verdict
