#pragma once

#include <string>
#include <vector>

#include "gateway/dialects/testing/dialect_fixture.h"

namespace verdict {

// A request that is refused, and how.
struct Malformed {
  std::string name;  // of the test
  std::string body;
  int status = 400;
  std::string says;  // part of the sentence
  std::string content_type = "application/json";
  std::string content_encoding = {};
};

inline HttpRequest ToRequest(const Malformed& malformed) {
  HttpRequest request = MakeRequest(malformed.body, malformed.content_type);
  if (!malformed.content_encoding.empty()) request.headers.Add("Content-Encoding", malformed.content_encoding);
  return request;
}

// What no route that reads JSON takes, whatever its contract; `good` is a body that it takes.
inline std::vector<Malformed> MalformedJson(const std::string& good) {
  return {
      {"empty", "", 400, "empty"},
      {"no_json", "{", 400, "not valid JSON"},
      {"something_behind", good + " x", 400, "something follows"},
      {"invalid_utf8", "{\"a\":\"\xff\"," + good.substr(1), 400, "not valid UTF-8"},
      {"lone_surrogate", "{\"a\":\"\\ud800\"," + good.substr(1), 400, "half of a surrogate pair"},
      {"too_deep", "{\"a\":" + std::string(40, '[') + std::string(40, ']') + "," + good.substr(1), 400, "nested deeper"},
      {"media_type", good, 415, "text/csv", "text/csv"},
      {"charset", good, 415, "iso-8859-1", "application/json; charset=iso-8859-1"},
      {"coding", good, 415, "gzip", "application/json", "gzip"},
  };
}

inline std::vector<Malformed> operator+(std::vector<Malformed> all, const std::vector<Malformed>& more) {
  all.insert(all.end(), more.begin(), more.end());
  return all;
}

// For INSTANTIATE_TEST_SUITE_P.
inline std::string NameOf(const ::testing::TestParamInfo<Malformed>& info) { return info.param.name; }

inline void PrintTo(const Malformed& malformed, std::ostream* out) { *out << malformed.name; }

// `count` times `element`, as a JSON list.
inline std::string ListOf(size_t count, const std::string& element) {
  std::string list = "[";
  for (size_t i = 0; i < count; ++i) list += (i == 0 ? "" : ",") + element;
  return list + "]";
}

}  // namespace verdict
