#pragma once

#include <string>
#include <string_view>

#include "gateway/http/http_message.h"

namespace verdict {

// What an answer's head says about its connection.
struct HeadContext {
  bool http11 = true;  // the version of the request
  bool keep_alive = true;
  std::string_view request_id = {};
  std::string_view date = {};  // IMF-fixdate
  enum class Framing { kLength, kChunked, kUntilClose };
  Framing framing = Framing::kLength;  // how the end of the body is known
};

// Appends status line and header fields to `out`. Characters that could end a field early are replaced by spaces.
void AppendResponseHead(std::string& out, const HttpResponse& response, const HeadContext& context);

// The time as IMF-fixdate ("Sun, 06 Nov 1994 08:49:37 GMT"), written anew once a second. Not thread-safe.
class DateCache {
 public:
  std::string_view Now();

 private:
  time_t second_ = 0;
  std::string text_;
};

}  // namespace verdict
