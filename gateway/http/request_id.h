#pragma once

#include <string>

#include "absl/random/random.h"
#include "gateway/http/http_message.h"

namespace verdict {

// Names requests, so that a caller's report and our log lines find each other. Not thread-safe: one per worker.
class RequestIdSource {
 public:
  // The request's x-request-id when it is 1 to 128 visible ASCII characters, else 128 random bits in hexadecimal.
  std::string For(const HttpRequest& request);

 private:
  absl::BitGen random_;
};

}  // namespace verdict
