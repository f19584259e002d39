#pragma once

#include <optional>
#include <string_view>

#include "boost/beast/http/basic_parser.hpp"
#include "gateway/http/http_limits.h"
#include "gateway/http/problem.h"

namespace verdict {

// Reads one HTTP/1.0 or 1.1 request from bytes into an HttpRequest, without a detour through a message type of the library. Feed
// it until header_done(), look at the header, then ReadBody() and feed it until done(). Single-threaded; `request` outlives it.
class RequestParser : private boost::beast::http::basic_parser<true> {
 public:
  RequestParser(HttpRequest& request, const HttpLimits& limits);

  // Takes bytes and returns how many were used; the rest is to be offered again with more behind it. The problem is 400, 413 or
  // 431, after which the connection cannot be used for another request.
  size_t Feed(std::string_view bytes, std::optional<Problem>& problem);

  bool begun() const { return got_some(); }
  bool header_done() const { return is_header_done(); }
  bool done() const { return is_done(); }
  void ReadBody();
  // As ReadBody, but nothing is kept of it: the request's body stays empty.
  void DropBody();
  // As ReadBody, without a limit: what Feed finds of the body is appended to `pieces`, which the caller empties.
  void StreamBody(std::string& pieces);

  // The rest: once header_done(). What a header promises that the parser itself does not check (RFC 9112): exactly one Host, one
  // kind of framing, no transfer coding but chunked. 400 or 501; the connection cannot be used any more.
  std::optional<Problem> CheckFraming() const;
  // What Content-Length says already: 413 for a body that is larger than any may be; 429 for one that would be kept and has no
  // place now.
  std::optional<Problem> CheckBodySize() const;
  std::optional<Problem> CheckBodyPlace() const;
  bool has_length() const { return content_length().has_value() || chunked(); }
  uint64_t body_bytes() const { return body_bytes_; }  // of the body, that have arrived
  using basic_parser::keep_alive;
  bool http11() const { return http11_; }

 private:
  using ErrorCode = boost::beast::error_code;
  using StringView = boost::beast::string_view;
  using Field = boost::beast::http::field;

  void on_request_impl(boost::beast::http::verb, StringView method, StringView target, int version, ErrorCode&) override;
  void on_response_impl(int, StringView, int, ErrorCode&) override {}
  void on_field_impl(Field, StringView name, StringView value, ErrorCode&) override;
  void on_header_impl(ErrorCode&) override { in_header_ = false; }
  void on_body_init_impl(const boost::optional<uint64_t>&, ErrorCode&) override {}
  size_t on_body_impl(StringView bytes, ErrorCode&) override;
  void on_chunk_header_impl(uint64_t size, StringView extensions, ErrorCode& error) override;
  size_t on_chunk_body_impl(uint64_t, StringView bytes, ErrorCode& error) override { return on_body_impl(bytes, error); }
  void on_finish_impl(ErrorCode&) override {}

  Problem Explain(const ErrorCode& error) const;
  Problem TooLarge() const;

  HttpRequest& request_;
  const HttpLimits& limits_;
  BodyHold hold_;
  bool no_place_ = false;
  bool dropped_ = false;     // what comes of the body
  uint64_t body_bytes_ = 0;  // of it, so far
  size_t header_bytes_ = 0;  // read so far
  bool in_header_ = true;
  bool http11_ = true;
  std::string* pieces_ = nullptr;
};

}  // namespace verdict
