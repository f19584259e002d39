#include "gateway/http/testing/raw_http_client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "gateway/http/ascii.h"

namespace verdict {
namespace {

RawResponse ParseHead(std::string_view head) {
  RawResponse response;
  response.status = std::atoi(std::string(head.substr(9, 3)).c_str());
  for (size_t line = head.find("\r\n"); line != std::string_view::npos; line = head.find("\r\n", line + 2)) {
    const std::string_view field = head.substr(line + 2, head.find("\r\n", line + 2) - line - 2);
    const size_t colon = field.find(':');
    if (colon == std::string_view::npos) continue;
    response.headers[AsciiToLower(field.substr(0, colon))] = StripSpace(field.substr(colon + 1));
  }
  return response;
}

}  // namespace

RawHttpClient::RawHttpClient(int port) : fd_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
  const timeval limit{10, 0};
  setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof(limit));
  setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof(limit));
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  connected_ = connect(fd_, reinterpret_cast<const sockaddr*>(&address), sizeof(address)) == 0;
}

RawHttpClient::~RawHttpClient() { Close(); }

void RawHttpClient::Close() {
  if (fd_ >= 0) close(fd_);
  fd_ = -1;
}

void RawHttpClient::FinishSending() { shutdown(fd_, SHUT_WR); }

bool RawHttpClient::Send(std::string_view bytes) {
  while (!bytes.empty()) {
    const ssize_t sent = send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (sent <= 0) return false;
    bytes.remove_prefix(static_cast<size_t>(sent));
  }
  return true;
}

bool RawHttpClient::ReceiveMore() {
  char buffer[16 * 1024];
  const ssize_t size = recv(fd_, buffer, sizeof(buffer), 0);
  if (size == 0) errno = 0;
  if (size <= 0) return false;
  received_.append(buffer, static_cast<size_t>(size));
  return true;
}

bool RawHttpClient::ReceiveUntil(size_t size) {
  while (received_.size() < size) {
    if (!ReceiveMore()) return false;
  }
  return true;
}

std::optional<RawResponse> RawHttpClient::ReadHead() {
  size_t end;
  while ((end = received_.find("\r\n\r\n")) == std::string::npos) {
    if (!ReceiveMore()) return std::nullopt;
  }
  RawResponse response = ParseHead(std::string_view(received_).substr(0, end));
  received_.erase(0, end + 4);
  return response;
}

std::optional<std::string> RawHttpClient::ReadChunk() {
  size_t end;
  while ((end = received_.find("\r\n")) == std::string::npos) {
    if (!ReceiveMore()) return std::nullopt;
  }
  const size_t size = std::strtoull(received_.c_str(), nullptr, 16);
  if (!ReceiveUntil(end + 2 + size + 2)) return std::nullopt;
  std::string chunk = received_.substr(end + 2, size);
  received_.erase(0, end + 2 + size + 2);
  return chunk;
}

std::optional<std::string> RawHttpClient::ReadUntilClosed() {
  errno = 0;
  while (ReceiveMore()) continue;
  if (errno != 0) return std::nullopt;
  return std::exchange(received_, {});
}

std::optional<RawResponse> RawHttpClient::Read(bool has_body) {
  auto response = ReadHead();
  if (!response || !has_body) return response;
  if (response->headers["transfer-encoding"] != "chunked") {
    const size_t size = static_cast<size_t>(std::atoll(response->headers["content-length"].c_str()));
    if (!ReceiveUntil(size)) return std::nullopt;
    response->body = received_.substr(0, size);
    received_.erase(0, size);
    return response;
  }
  for (;;) {
    const auto chunk = ReadChunk();
    if (!chunk) return std::nullopt;
    if (chunk->empty()) return response;
    response->body += *chunk;
  }
}

std::optional<RawResponse> RawHttpClient::Ask(std::string_view bytes) {
  if (!Send(bytes)) return std::nullopt;
  return Read();
}

bool RawHttpClient::HearsWithin(absl::Duration time) {
  pollfd ready{fd_, POLLIN, 0};
  return poll(&ready, 1, static_cast<int>(absl::ToInt64Milliseconds(time))) > 0;
}

bool RawHttpClient::ServerCloses() {
  char byte;
  return received_.empty() && recv(fd_, &byte, 1, 0) == 0;
}

std::string PostRequest(std::string_view path, std::string_view body, std::string_view more_headers) {
  std::string request = "POST ";
  request.append(path).append(" HTTP/1.1\r\nHost: test\r\nContent-Length: ").append(std::to_string(body.size())).append("\r\n");
  return request.append(more_headers).append("\r\n").append(body);
}

std::string GetRequest(std::string_view path, std::string_view more_headers) {
  std::string request = "GET ";
  return request.append(path).append(" HTTP/1.1\r\nHost: test\r\n").append(more_headers).append("\r\n");
}

}  // namespace verdict
