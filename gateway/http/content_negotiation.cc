#include "gateway/http/content_negotiation.h"

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/http/ascii.h"
#include "gateway/http/header_parameters.h"

namespace verdict {
namespace {

constexpr char kSupported[] = "application/json (or no Content-Type), application/*+json, application/octet-stream";

bool ReadAsJson(std::string_view type) {
  return type.empty() || type == "application/json" || type == "application/octet-stream" ||
         type == "application/x-www-form-urlencoded" || (type.starts_with("application/") && type.ends_with("+json"));
}

// UTF-8, or a part of it.
bool IsUtf8(std::string_view charset) {
  return charset.empty() || charset == "utf-8" || charset == "utf8" || charset == "us-ascii";
}

std::optional<Problem> RefuseCharset(const MediaType& media) {
  if (IsUtf8(media.charset)) return std::nullopt;
  return Problem{415, absl::StrCat("charset ", Shortened(media.charset), " is not read; use utf-8")};
}

}  // namespace

MediaType ParseMediaType(std::string_view content_type) {
  MediaType media{AsciiToLower(HeaderWithoutParameters(content_type)), {}};
  for (const HeaderParameter& parameter : ReadHeaderParameters(content_type)) {
    if (parameter.name == "charset") media.charset = AsciiToLower(parameter.value);
  }
  return media;
}

std::optional<Problem> RefuseCoding(const HttpRequest& request) {
  const auto coding = request.headers.Find("Content-Encoding");
  if (!coding || EqualsIgnoreCase(*coding, "identity")) return std::nullopt;
  return Problem{415, absl::StrCat("Content-Encoding ", Shortened(*coding), " is not read; send the body as it is")};
}

std::optional<Problem> RefuseUnlessJson(const HttpRequest& request) {
  if (auto refusal = RefuseCoding(request)) return refusal;
  const auto content_type = request.headers.Find("Content-Type");
  if (!content_type || *content_type == "application/json") return std::nullopt;
  const MediaType media = ParseMediaType(*content_type);
  if (!ReadAsJson(media.type))
    return Problem{415, absl::StrCat("Content-Type ", Shortened(media.type), " is not read; use ", kSupported)};
  return RefuseCharset(media);
}

std::optional<Problem> RefuseUnlessUtf8(const HttpRequest& request) {
  if (auto refusal = RefuseCoding(request)) return refusal;
  const auto content_type = request.headers.Find("Content-Type");
  return RefuseCharset(ParseMediaType(content_type.value_or("")));
}

}  // namespace verdict
