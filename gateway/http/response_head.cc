#include "gateway/http/response_head.h"

#include <algorithm>
#include <ctime>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gateway/http/http_status.h"

namespace verdict {
namespace {

bool EndsField(char c) { return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F; }

void AppendField(std::string& out, std::string_view name, std::string_view value) {
  out.append(name).append(": ");
  const size_t start = out.size();
  out += value;
  std::replace_if(out.begin() + static_cast<std::ptrdiff_t>(start), out.end(), EndsField, ' ');
  out += "\r\n";
}

bool HasLength(int status) { return status >= 200 && status != 204 && status != 304; }

}  // namespace

void AppendResponseHead(std::string& out, const HttpResponse& response, const HeadContext& context) {
  absl::StrAppend(&out, "HTTP/1.1 ", response.status, " ");
  out.append(ReasonPhrase(response.status)).append("\r\nServer: verdict\r\nDate: ").append(context.date).append("\r\n");
  if (!response.content_type.empty()) AppendField(out, "Content-Type", response.content_type);
  if (context.framing == HeadContext::Framing::kChunked) {
    out += "Transfer-Encoding: chunked\r\n";
  } else if (context.framing == HeadContext::Framing::kLength && HasLength(response.status)) {
    absl::StrAppend(&out, "Content-Length: ", response.body.size(), "\r\n");
  }
  AppendField(out, "x-request-id", context.request_id);
  response.headers.ForEach([&](std::string_view name, std::string_view value) { AppendField(out, name, value); });
  if (!context.keep_alive) {
    out += "Connection: close\r\n";
  } else if (!context.http11) {
    out += "Connection: keep-alive\r\n";
  }
  out += "\r\n";
}

std::string_view DateCache::Now() {
  if (const time_t now = std::time(nullptr); now != second_) {
    second_ = now;
    text_ = absl::FormatTime("%a, %d %b %Y %H:%M:%S GMT", absl::FromTimeT(now), absl::UTCTimeZone());
  }
  return text_;
}

}  // namespace verdict
