#pragma once

#include <string>
#include <string_view>
#include <utility>

#include "gateway/http/problem.h"

namespace verdict {

// Something to read that is the same for everybody until another version of the program is installed. Thread-safe.
class StaticPage {
 public:
  struct Parts {
    std::string content_type;
    std::string_view contents;               // outlive the page
    bool gzip = false;                       // they are compressed
    std::string cache_control = "no-cache";  // ask each time; the tag makes that cheap
    std::string security_policy = {};        // Content-Security-Policy, of what is a document
  };
  explicit StaticPage(Parts parts) : parts_(std::move(parts)), tag_(TagOf(parts_.contents)) {}

  // The answer to GET and HEAD: 200 with an ETag, or 304 to If-None-Match. 406 for a compressed page and a caller whose
  // Accept-Encoding does not name gzip: it is kept in that form alone.
  ProblemOr<HttpResponse> Serve(const HttpRequest& request) const;

 private:
  static std::string TagOf(std::string_view contents);

  const Parts parts_;
  const std::string tag_;
};

}  // namespace verdict
