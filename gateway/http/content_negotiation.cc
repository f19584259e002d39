#include "gateway/http/content_negotiation.h"

#include "absl/strings/str_cat.h"
#include "gateway/http/ascii.h"

namespace verdict {
namespace {

constexpr char kSupported[] = "application/json (or no Content-Type), application/*+json, application/octet-stream";

bool ReadAsJson(std::string_view type) {
  return type.empty() || type == "application/json" || type == "application/octet-stream" ||
         type == "application/x-www-form-urlencoded" || (type.starts_with("application/") && type.ends_with("+json"));
}

constexpr std::string_view kCharset = "charset=";

// The part of `rest` before the next semicolon, without space around it; takes it and the semicolon off.
std::string_view TakeUntilSemicolon(std::string_view& rest) {
  const std::string_view part = rest.substr(0, rest.find(';'));
  rest.remove_prefix(std::min(rest.size(), part.size() + 1));
  return StripSpace(part);
}

std::string_view Unquote(std::string_view text) {
  const bool quoted = text.size() >= 2 && text.front() == '"' && text.back() == '"';
  return quoted ? text.substr(1, text.size() - 2) : text;
}

bool IsUtf8(std::string_view charset) { return charset.empty() || charset == "utf-8" || charset == "utf8"; }

std::optional<Problem> RefuseCoding(const HttpRequest& request) {
  const auto coding = request.headers.Find("Content-Encoding");
  if (!coding || EqualsIgnoreCase(*coding, "identity")) return std::nullopt;
  return Problem{415, absl::StrCat("Content-Encoding ", std::string(*coding), " is not read; send the body as it is")};
}

std::optional<Problem> RefuseCharset(const MediaType& media) {
  if (IsUtf8(media.charset)) return std::nullopt;
  return Problem{415, absl::StrCat("charset ", media.charset, " is not read; use utf-8")};
}

}  // namespace

MediaType ParseMediaType(std::string_view content_type) {
  const std::string lower = AsciiToLower(content_type);
  std::string_view rest = lower;
  MediaType media{std::string(TakeUntilSemicolon(rest)), {}};
  while (!rest.empty()) {
    const std::string_view parameter = TakeUntilSemicolon(rest);
    if (parameter.starts_with(kCharset)) media.charset = Unquote(parameter.substr(kCharset.size()));
  }
  return media;
}

std::optional<Problem> RefuseUnlessJson(const HttpRequest& request) {
  if (auto refusal = RefuseCoding(request)) return refusal;
  const auto content_type = request.headers.Find("Content-Type");
  if (!content_type || *content_type == "application/json") return std::nullopt;
  const MediaType media = ParseMediaType(*content_type);
  if (!ReadAsJson(media.type)) return Problem{415, absl::StrCat("Content-Type ", media.type, " is not read; use ", kSupported)};
  return RefuseCharset(media);
}

std::optional<Problem> RefuseUnlessUtf8(const HttpRequest& request) {
  if (auto refusal = RefuseCoding(request)) return refusal;
  const auto content_type = request.headers.Find("Content-Type");
  const MediaType media = ParseMediaType(content_type.value_or(""));
  return media.charset == "us-ascii" ? std::nullopt : RefuseCharset(media);
}

}  // namespace verdict
