#pragma once

#include <string>
#include <vector>

#include "gateway/http/http_message.h"

namespace verdict {

// Which web pages of other origins may use the server (CORS, of the Fetch standard).
struct CorsPolicy {
  std::vector<std::string> origins = {};  // "https://example.com", or "*" for all of them; empty: none
  bool credentials = false;               // whether browsers may send cookies along

  bool open() const { return !origins.empty(); }
};

// Whether a browser asks whether it may send a request.
bool IsPreflight(const HttpRequest& request);

// The answer to a preflight: 200 with what is allowed, or a 400 that says what is not. Any method and any header is.
HttpResponse AnswerPreflight(const CorsPolicy& policy, const HttpRequest& request);

// Adds what lets the page read the answer, when it may. Nothing to the answer to a preflight, which has it.
void AddCorsHeaders(const CorsPolicy& policy, const HttpRequest& request, HttpHeaders& headers);

}  // namespace verdict
