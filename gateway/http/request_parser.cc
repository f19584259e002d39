#include "gateway/http/request_parser.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "boost/asio/buffer.hpp"
#include "boost/beast/http/error.hpp"
#include "gateway/http/ascii.h"
#include "gateway/http/overload_problem.h"

namespace verdict {
namespace {

namespace http = boost::beast::http;

std::string_view View(boost::beast::string_view text) { return {text.data(), text.size()}; }

// RFC 9112, 3.2: "/path?query", or the absolute form "http://host/path?query" that proxies send.
void SplitTarget(std::string_view target, HttpRequest& request) {
  if (EqualsIgnoreCase(target.substr(0, 7), "http://") || EqualsIgnoreCase(target.substr(0, 8), "https://")) {
    const size_t path = target.find_first_of("/?", target.find("//") + 2);
    target = path == std::string_view::npos ? "/" : target.substr(path);
  }
  const size_t query = target.find('?');
  request.path = target.substr(0, query);
  if (request.path.empty()) request.path = "/";
  if (query != std::string_view::npos) request.query = target.substr(query + 1);
}

// A body is reserved as promised only up to here: a promise costs the caller nothing.
constexpr uint64_t kMaxReserve = 1024 * 1024;

// A chunk's header or the trailers in one piece; more is an attack on memory.
constexpr size_t kMaxChunkHeader = 16 * 1024;

}  // namespace

RequestParser::RequestParser(HttpRequest& request, const HttpLimits& limits)
    : request_(request), limits_(limits), hold_(*limits.body_memory, limits.inflight_body_bytes) {
  header_limit(limits.header_bytes);
  body_limit(boost::none);  // the limit is kept here, where the answer to it is known
}

size_t RequestParser::Feed(std::string_view bytes, std::optional<Problem>& problem) {
  size_t skipped = 0;
  while (!begun() && bytes.starts_with("\r\n")) {  // RFC 9112, 2.2: empty lines before the request line
    bytes.remove_prefix(2);
    skipped += 2;
  }
  if (bytes.empty() || (!begun() && bytes == "\r")) return skipped;
  ErrorCode error;
  const bool in_header = !header_done();
  const size_t used = put(boost::asio::buffer(bytes), error);
  // The parser has the same limit, but for each stretch of a header that it reads at once. Bytes as they came: a folded line is
  // shorter once it is read.
  if (in_header) header_bytes_ += used;
  if (header_bytes_ > limits_.header_bytes && (!error || error == http::error::need_more)) error = http::error::header_limit;
  if (error == http::error::need_more) {
    error = {};
    if (header_done() && bytes.size() - used > kMaxChunkHeader) problem = Problem{400, "the header of a chunk is too large"};
  }
  if (error) problem = Explain(error);
  return skipped + used;
}

void RequestParser::on_request_impl(http::verb, StringView method, StringView target, int version, ErrorCode&) {
  request_.method = View(method);
  http11_ = version >= 11;
  SplitTarget(View(target), request_);
}

void RequestParser::on_field_impl(Field, StringView name, StringView value, ErrorCode&) {
  if (!in_header_) return;  // trailers are dropped
  request_.headers.Add(View(name), View(value));
}

void RequestParser::ReadBody() {
  if (const auto length = content_length()) request_.body.reserve(std::min(*length, kMaxReserve));
  eager(true);
}

void RequestParser::DropBody() {
  dropped_ = true;
  eager(true);
}

void RequestParser::StreamBody(std::string& pieces) {
  pieces_ = &pieces;
  eager(true);
}

// A chunk that says it is too large is not waited for.
void RequestParser::on_chunk_header_impl(uint64_t size, StringView, ErrorCode& error) {
  if (pieces_ == nullptr && size > limits_.body_bytes - body_bytes_) error = http::error::body_limit;
}

size_t RequestParser::on_body_impl(StringView bytes, ErrorCode& error) {
  if (pieces_ != nullptr) {
    pieces_->append(bytes.data(), bytes.size());
    body_bytes_ += bytes.size();
    return bytes.size();
  }
  if (body_bytes_ + bytes.size() > limits_.body_bytes) {
    error = http::error::body_limit;
    return 0;
  }
  if (!dropped_ && !hold_.GrowTo(body_bytes_ + bytes.size())) {
    no_place_ = true;
    error = http::error::body_limit;
    return 0;
  }
  body_bytes_ += bytes.size();
  if (!dropped_) request_.body.append(bytes.data(), bytes.size());
  return bytes.size();
}

std::optional<Problem> RequestParser::CheckFraming() const {
  const HttpHeaders& headers = request_.headers;
  if (http11_ && headers.Count("Host") != 1) return Problem{400, "a request needs exactly one Host header"};
  const auto coding = headers.Find("Transfer-Encoding");
  if (!coding) return std::nullopt;
  if (headers.Find("Content-Length")) return Problem{400, "a request cannot have both Transfer-Encoding and Content-Length"};
  if (!http11_) return Problem{400, "HTTP/1.0 has no Transfer-Encoding"};
  if (headers.Count("Transfer-Encoding") != 1 || !EqualsIgnoreCase(*coding, "chunked")) {
    return Problem{501, "of the transfer codings only chunked is read"};
  }
  return std::nullopt;
}

std::optional<Problem> RequestParser::CheckBodySize() const {
  const auto length = content_length();
  if (length && *length > limits_.body_bytes) return TooLarge();
  return std::nullopt;
}

std::optional<Problem> RequestParser::CheckBodyPlace() const {
  const auto length = content_length();
  if (length && !hold_.HasPlaceFor(*length)) return NoPlaceForBody();
  return std::nullopt;
}

Problem RequestParser::TooLarge() const {
  return {413, absl::StrCat("the body is larger than ", limits_.body_bytes, " bytes, the most that is read")};
}

Problem RequestParser::Explain(const ErrorCode& error) const {
  if (error == http::error::body_limit) return no_place_ ? NoPlaceForBody() : TooLarge();
  if (error == http::error::header_limit) {
    return {431, absl::StrCat("the header is larger than ", limits_.header_bytes, " bytes, the most that is read")};
  }
  return {400, absl::StrCat("this is not well-formed HTTP/1.1: ", error.message())};
}

}  // namespace verdict
