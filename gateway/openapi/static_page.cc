#include "gateway/openapi/static_page.h"

#include <cstdint>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/strings/strip.h"
#include "gateway/http/ascii.h"

namespace verdict {
namespace {

absl::string_view View(std::string_view text) { return {text.data(), text.size()}; }

bool Names(std::string_view if_none_match, std::string_view tag) {
  for (absl::string_view candidate : absl::StrSplit(View(if_none_match), ',')) {
    candidate = absl::StripAsciiWhitespace(candidate);
    absl::ConsumePrefix(&candidate, "W/");
    if (candidate == "*" || candidate == View(tag)) return true;
  }
  return false;
}

// "gzip;q=0" refuses. Without the header a caller may get anything (RFC 9110, 12.5.3), but those that send none read none.
bool AcceptsGzip(const HttpRequest& request) {
  const std::string accepted = AsciiToLower(request.headers.Find("Accept-Encoding").value_or(""));
  bool any = false;
  for (const absl::string_view item : absl::StrSplit(accepted, ',')) {
    const std::pair<absl::string_view, absl::string_view> parts = absl::StrSplit(item, absl::MaxSplits(';', 1));
    const absl::string_view coding = absl::StripAsciiWhitespace(parts.first);
    absl::string_view weight = absl::StripAsciiWhitespace(parts.second);
    const bool refused = absl::ConsumePrefix(&weight, "q=0") && weight.find_first_not_of(".0") == absl::string_view::npos;
    if (coding == "gzip" || coding == "x-gzip") return !refused;
    if (coding == "*") any = !refused;
  }
  return any;
}

}  // namespace

// FNV-1a: tells versions of a page apart, and is the same in every process.
std::string StaticPage::TagOf(std::string_view contents) {
  uint64_t hash = 0xcbf29ce484222325;
  for (const char c : contents) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
  return absl::StrCat("\"", absl::Hex(hash, absl::kZeroPad16), "\"");
}

ProblemOr<HttpResponse> StaticPage::Serve(const HttpRequest& request) const {
  if (parts_.gzip && !AcceptsGzip(request)) {
    Problem problem{406, "this is kept compressed; ask with Accept-Encoding: gzip (curl --compressed)"};
    problem.headers.Add("Vary", "Accept-Encoding");
    return problem;
  }
  HttpResponse response;
  response.headers.Add("ETag", tag_);
  response.headers.Add("Cache-Control", parts_.cache_control);
  if (parts_.gzip) response.headers.Add("Vary", "Accept-Encoding");
  if (Names(request.headers.Find("If-None-Match").value_or(""), tag_)) {
    response.status = 304;
    return response;
  }
  if (parts_.gzip) response.headers.Add("Content-Encoding", "gzip");
  response.headers.Add("X-Content-Type-Options", "nosniff");
  response.headers.Add("Referrer-Policy", "no-referrer");
  if (!parts_.security_policy.empty()) response.headers.Add("Content-Security-Policy", parts_.security_policy);
  response.content_type = parts_.content_type;
  response.body = parts_.contents;
  return response;
}

}  // namespace verdict
