#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "boost/json/value.hpp"
#include "gateway/json/json_outline.h"

namespace verdict {

// The body of one request as JSON, read as far as somebody asks, and no part twice. Several dialects may look at one body before
// it is clear whose it is. `body` outlives it. Not thread-safe.
class JsonBody {
 public:
  explicit JsonBody(std::string_view body) : body_(body) {}

  std::string_view text() const { return body_; }

  // See ReadJsonOutline.
  const ProblemOr<JsonOutline>& Outline();
  // The outline; null when there is none. For questions that come before the body has been found good.
  const JsonOutline* OutlineIfGood() { return std::get_if<JsonOutline>(&Outline()); }

  // All of it as a value. The memory that this may take, parsing included, is bounded (128 MiB), because a few bytes of JSON can
  // ask for many of ours: more is a 413. Other problems are those of the outline. The pointer lives as long as this object.
  ProblemOr<const boost::json::value*> Value();

  // The string member `name` of the object that the body is; `text` moves out. Problems are 400: those of the outline, no object,
  // the member missing or no string.
  ProblemOr<std::string> TakeTextMember(std::string_view name);

 private:
  const std::string_view body_;
  std::optional<ProblemOr<JsonOutline>> outline_;
  std::optional<boost::json::value> value_;
};

}  // namespace verdict
