#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/problem.h"

namespace verdict {

inline constexpr size_t kMaxParts = 64;
inline constexpr size_t kMaxPartHeaderBytes = 8 * 1024;

// A field of a form, or a file.
struct FormPart {
  std::string name;
  std::string_view body;  // of the message's body, which outlives it
};

// The parts of a multipart/form-data body (RFC 7578). `content_type` is the header, with the boundary. What is before the first
// part and behind the last is dropped. Problems are 400: no boundary or none of 1 to 70 characters, a body without that boundary
// or without its end, a part without a name, more than 64 parts, more than 8 KiB of headers of a part.
ProblemOr<std::vector<FormPart>> ReadMultipart(std::string_view content_type, std::string_view body);

}  // namespace verdict
