#include "gateway/dialects/multipart.h"

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/http/ascii.h"
#include "gateway/http/header_parameters.h"

namespace verdict {
namespace {

constexpr std::string_view kLineEnd = "\r\n";
constexpr size_t kMaxBoundary = 70;  // RFC 2046

Problem Malformed(std::string_view what) { return {400, absl::StrCat("the multipart body is malformed: ", std::string(what))}; }

std::optional<Problem> ReadHeaderLine(std::string_view line, FormPart& part, bool& named) {
  const size_t colon = line.find(':');
  if (colon == std::string_view::npos) return Malformed("a header of a part has no colon");
  const std::string_view name = line.substr(0, colon);
  const std::string_view value = StripSpace(line.substr(colon + 1));
  if (!EqualsIgnoreCase(name, "Content-Disposition")) return std::nullopt;
  auto found = FindHeaderParameter(value, "name");
  named = found.has_value();
  part.name = std::move(found).value_or("");
  return std::nullopt;
}

// `text` is all between two boundaries: headers, an empty line, the body.
ProblemOr<FormPart> ReadPart(std::string_view text) {
  FormPart part;
  bool named = false;
  const size_t begin = text.size();
  while (!text.starts_with(kLineEnd)) {
    const size_t end = text.find(kLineEnd);
    if (end == std::string_view::npos) return Malformed("a part has no empty line behind its headers");
    if (begin - text.size() + end > kMaxPartHeaderBytes) return Malformed("the headers of a part are larger than 8 KiB");
    if (auto problem = ReadHeaderLine(text.substr(0, end), part, named)) return *std::move(problem);
    text.remove_prefix(end + kLineEnd.size());
  }
  if (!named) return Malformed("a part has no name in its Content-Disposition");
  part.body = text.substr(kLineEnd.size());
  return part;
}

// Hands out what stands between the boundaries of a body, one after the other.
class Splitter {
 public:
  Splitter(std::string_view boundary, std::string_view body)
      : delimiter_(absl::StrCat("\r\n--", std::string(boundary))), rest_(body) {}

  // Behind the first boundary, which need not have a line end before it.
  bool Begin() {
    const std::string_view first = std::string_view(delimiter_).substr(kLineEnd.size());
    size_t at = rest_.starts_with(first) ? 0 : rest_.find(delimiter_);
    if (at == std::string_view::npos) return false;
    at += rest_.starts_with(first) ? first.size() : delimiter_.size();
    rest_.remove_prefix(at);
    return true;
  }

  // Whether the boundary just passed was the last: it has "--" behind it.
  bool AtEnd() const { return rest_.starts_with("--"); }

  // All until the next boundary. Nothing when the line of the last one goes on, or when there is no next one.
  std::optional<std::string_view> Next() {
    const size_t line = rest_.find_first_not_of(" \t");
    if (line == std::string_view::npos || !rest_.substr(line).starts_with(kLineEnd)) return std::nullopt;
    rest_.remove_prefix(line);
    const size_t end = rest_.find(delimiter_, kLineEnd.size());
    if (end == std::string_view::npos) return std::nullopt;
    const std::string_view part = rest_.substr(kLineEnd.size(), end - kLineEnd.size());
    rest_.remove_prefix(end + delimiter_.size());
    return part;
  }

 private:
  const std::string delimiter_;
  std::string_view rest_;
};

}  // namespace

ProblemOr<std::vector<FormPart>> ReadMultipart(std::string_view content_type, std::string_view body) {
  const std::string boundary = FindHeaderParameter(content_type, "boundary").value_or("");
  if (boundary.empty() || boundary.size() > kMaxBoundary) {
    return Problem{400, "Content-Type multipart/form-data needs a boundary of 1 to 70 characters"};
  }
  Splitter splitter(boundary, body);
  if (!splitter.Begin()) return Malformed("the boundary of the Content-Type is nowhere in it");
  std::vector<FormPart> parts;
  while (!splitter.AtEnd()) {
    if (parts.size() == kMaxParts) return Malformed(absl::StrCat("it has more than ", kMaxParts, " parts"));
    const auto text = splitter.Next();
    if (!text) return Malformed("a boundary is not at the end of its line, or the closing one is missing");
    ProblemOr<FormPart> part = ReadPart(*text);
    if (auto* problem = std::get_if<Problem>(&part)) return std::move(*problem);
    parts.push_back(std::get<FormPart>(std::move(part)));
  }
  return parts;
}

}  // namespace verdict
