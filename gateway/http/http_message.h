#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "gateway/http/http_headers.h"
#include "gateway/http/path_pattern.h"
#include "telemetry/trace_context.h"

namespace verdict {

// A request as handlers and dialects see it: a value, without sockets. The body is complete and within the limits.
struct HttpRequest {
  std::string method;  // as sent; methods are case-sensitive
  std::string path;    // of the request target, without the query
  std::string query;   // after the question mark, without it
  HttpHeaders headers;
  std::string body;
  std::string request_id;               // the caller's x-request-id where it is usable, else a fresh one
  PathParameters path_parameters = {};  // of the route's pattern
  TraceContext trace = {};              // the request's own span; not valid: nothing is traced
  std::string client_address = {};      // of the connection, without its port; empty where there is none
  std::string client = {};              // whose request it is, where callers are asked for credentials; empty: they are not

  // The value at a name of the route's pattern; empty when it has no such name.
  std::string_view PathParameter(std::string_view name) const {
    for (const auto& [key, value] : path_parameters) {
      if (key == name) return value;
    }
    return {};
  }
};

// What a handler tells of an exchange beyond its answer, for who watches; nothing of it is sent.
struct ExchangeNotes {
  std::string_view dialect =
      {};  // the contract that the answer is written in, where several share the route; lives as long as the server
  std::string model = {};  // that answered, and its version
  std::string model_version = {};
  int64_t inputs = 0;            // that were classified
  absl::Duration tokenize = {};  // these in the service, as its reply says; of several calls: nothing
  absl::Duration queue = {};
  absl::Duration compute = {};
  absl::Duration total = {};
};

// An answer. Content-Length, Date, Server, Connection and x-request-id are added when it is sent.
struct HttpResponse {
  int status = 200;
  std::string content_type = {};  // empty: none, for an empty body
  std::string body = {};
  HttpHeaders headers = {};  // further ones
  ExchangeNotes notes = {};
};

}  // namespace verdict
