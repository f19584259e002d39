#pragma once

#include <string>
#include <string_view>
#include <variant>

#include "gateway/http/http_message.h"

namespace verdict {

// Why a request was not answered as asked: a status and a sentence for the person who reads it.
struct Problem {
  int status = 500;
  std::string detail;
  HttpHeaders headers = {};  // what the status calls for: Allow, Retry-After
  std::string json = {};     // what a dialect tells beyond the sentence, in its own form
};

// What was wanted, or why there is none.
template <typename T>
using ProblemOr = std::variant<T, Problem>;

// The problem as application/problem+json (RFC 9457), with the members `error` (the detail again, for callers that look there)
// and `request_id`.
HttpResponse ToResponse(const Problem& problem, std::string_view request_id);

}  // namespace verdict
