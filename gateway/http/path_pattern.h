#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace verdict {

// What stood at the places of a pattern: name and value, percent-decoded.
using PathParameters = std::vector<std::pair<std::string, std::string>>;

// A path whose segments may be, or hold, a name in braces: "/v2/models/{model}/infer", "/v1/models/{model}:predict".
class PathPattern {
 public:
  explicit PathPattern(std::string_view pattern);

  // Without any name; Match then compares.
  bool literal() const { return literal_; }

  // The parameters when `path` has the pattern's form: each one segment, at least one character, and a percent encoding that
  // holds.
  std::optional<PathParameters> Match(std::string_view path) const;

 private:
  // prefix{name}suffix; without a name the prefix is all of it.
  struct Segment {
    std::string prefix, name, suffix;
  };

  std::vector<Segment> segments_;
  bool literal_ = true;
};

// "%41%20b" → "A b"; nothing for a percent sign without two hexadecimal digits behind it.
std::optional<std::string> PercentDecode(std::string_view text);

}  // namespace verdict
