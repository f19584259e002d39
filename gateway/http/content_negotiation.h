#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "gateway/http/problem.h"

namespace verdict {

// A parsed Content-Type: "application/json; charset=utf-8".
struct MediaType {
  std::string type;     // lower case, "application/json"
  std::string charset;  // lower case, without quotes; empty: not given
};

MediaType ParseMediaType(std::string_view content_type);

// A Content-Encoding other than identity is a 415.
std::optional<Problem> RefuseCoding(const HttpRequest& request);

// Whether the request's body may be read as JSON in UTF-8, or a part of it (us-ascii). Read as JSON are: no Content-Type,
// application/json, application/*+json, application/octet-stream (what proxies put in when there was none) and
// application/x-www-form-urlencoded (what curl -d says unless told otherwise). Anything else, another charset, or a
// Content-Encoding is a 415 that lists what is read.
std::optional<Problem> RefuseUnlessJson(const HttpRequest& request);

// Whether the request's body may be read as text in UTF-8, whatever its media type: a Content-Encoding, or a charset that is
// neither UTF-8 nor a part of it (us-ascii), is a 415.
std::optional<Problem> RefuseUnlessUtf8(const HttpRequest& request);

}  // namespace verdict
