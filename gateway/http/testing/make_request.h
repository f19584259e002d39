#pragma once

#include <string>
#include <string_view>

#include "gateway/http/http_message.h"

namespace verdict {

// A request as a handler gets it.
inline HttpRequest MakeRequest(std::string_view body, std::string_view content_type = {}) {
  HttpRequest request{.method = "POST", .path = "/", .query = {}, .headers = {}, .body = std::string(body), .request_id = "id"};
  if (!content_type.empty()) request.headers.Add("Content-Type", content_type);
  return request;
}

}  // namespace verdict
