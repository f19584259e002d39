#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"

namespace verdict {

// A response as it came over the wire; names of fields in lower case.
struct RawResponse {
  int status = 0;
  std::map<std::string, std::string> headers;
  std::string body;
};

// A blocking client that sends bytes exactly as told, for tests of what well-behaved clients never do. Every wait ends after ten
// seconds, so that a test fails and does not hang.
class RawHttpClient {
 public:
  explicit RawHttpClient(int port);  // connects to 127.0.0.1
  ~RawHttpClient();
  RawHttpClient(const RawHttpClient&) = delete;

  bool connected() const { return connected_; }
  bool Send(std::string_view bytes);
  // The next response, its body by Content-Length or in chunks; nothing when the connection ended first, so also for a body in
  // chunks without the last one. `has_body` is false for answers to HEAD.
  std::optional<RawResponse> Read(bool has_body = true);
  // The head of the next response, and then its chunks, one by one; the last one is empty.
  std::optional<RawResponse> ReadHead();
  std::optional<std::string> ReadChunk();
  // All that is sent until the server closes; nothing when the connection is reset.
  std::optional<std::string> ReadUntilClosed();
  // Sends, then reads.
  std::optional<RawResponse> Ask(std::string_view bytes);
  // Whether anything arrives within that time.
  bool HearsWithin(absl::Duration time);
  // Whether the server closes without sending another byte.
  bool ServerCloses();
  void FinishSending();
  void Close();

 private:
  bool ReceiveMore();
  bool ReceiveUntil(size_t size);

  int fd_ = -1;
  bool connected_ = false;
  std::string received_;
};

// "POST path" with Content-Length, and further header lines, each with its line end.
std::string PostRequest(std::string_view path, std::string_view body, std::string_view more_headers = "");
std::string GetRequest(std::string_view path, std::string_view more_headers = "");

}  // namespace verdict
