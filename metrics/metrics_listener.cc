#include "metrics/metrics_listener.h"

#include <fcntl.h>
#include <netdb.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/steady_clock.h"

namespace verdict {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(5);
constexpr size_t kMaxHead = 8192;

struct HostPort {
  std::string host = "0.0.0.0";
  std::string port;
};

HostPort Split(const std::string& address) {
  const size_t colon = address.rfind(':');
  if (colon == std::string::npos) return {.port = address};
  std::string host = address.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  return {.host = std::move(host), .port = address.substr(colon + 1)};
}

std::string ErrorText() { return std::strerror(errno); }

int PortOf(int socket) {
  sockaddr_storage address{};
  socklen_t size = sizeof(address);
  if (getsockname(socket, reinterpret_cast<sockaddr*>(&address), &size) != 0) return 0;
  return ntohs(address.ss_family == AF_INET6 ? reinterpret_cast<sockaddr_in6*>(&address)->sin6_port
                                             : reinterpret_cast<sockaddr_in*>(&address)->sin_port);
}

std::string Response(std::string_view status, std::string_view type, std::string_view body, bool with_body = true,
                     std::string_view more = "") {
  std::string text = absl::StrCat("HTTP/1.1 ", std::string(status), "\r\nContent-Type: ", std::string(type),
                                  "\r\nContent-Length: ", body.size(), "\r\n", std::string(more), "Connection: close\r\n\r\n");
  if (with_body) text.append(body);
  return text;
}

// The value of a header field; empty where there is none.
std::string HeaderOf(std::string_view head, absl::string_view name) {
  for (absl::string_view line : absl::StrSplit(absl::string_view(head.data(), head.size()), "\r\n")) {
    const size_t colon = line.find(':');
    if (colon != absl::string_view::npos && absl::EqualsIgnoreCase(line.substr(0, colon), name))
      return std::string(absl::StripAsciiWhitespace(line.substr(colon + 1)));
  }
  return "";
}

}  // namespace

MetricsListener::Descriptor::Descriptor(Descriptor&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}

MetricsListener::Descriptor::~Descriptor() {
  if (fd_ >= 0) close(fd_);
}

absl::StatusOr<MetricsListener::Descriptor> MetricsListener::Bind(const std::string& address) {
  const HostPort parts = Split(address);
  uint32_t port = 0;
  if (!absl::SimpleAtoi(parts.port, &port) || port > 65535)
    return absl::InvalidArgumentError(absl::StrCat("\"", address, "\": expected host:port, [v6]:port, or a port alone"));
  addrinfo hints{};
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  if (const int error = getaddrinfo(parts.host.c_str(), parts.port.c_str(), &hints, &found); error != 0)
    return absl::InvalidArgumentError(absl::StrCat("\"", address, "\": ", gai_strerror(error)));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, freeaddrinfo);
  Descriptor socket(::socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  const int on = 1;
  const bool listens = socket.get() >= 0 && setsockopt(socket.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) == 0 &&
                       bind(socket.get(), found->ai_addr, found->ai_addrlen) == 0 && listen(socket.get(), 16) == 0;
  if (!listens) return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", ErrorText()));
  return socket;
}

absl::StatusOr<std::unique_ptr<MetricsListener>> MetricsListener::Start(const std::string& address, Write write) {
  auto listening = Bind(address);
  if (!listening.ok()) return listening.status();
  Descriptor stop(eventfd(0, EFD_CLOEXEC));
  if (stop.get() < 0) return absl::UnavailableError(absl::StrCat("cannot listen on ", address, ": ", ErrorText()));
  const int port = PortOf(listening->get());
  return std::unique_ptr<MetricsListener>(new MetricsListener(*std::move(listening), std::move(stop), port, std::move(write)));
}

MetricsListener::MetricsListener(Descriptor listening, Descriptor stop, int port, Write write)
    : listening_(std::move(listening)), stop_(std::move(stop)), port_(port), write_(std::move(write)), thread_([this] {
        Run();
      }) {}

MetricsListener::~MetricsListener() {
  eventfd_write(stop_.get(), 1);
  thread_.join();
}

bool MetricsListener::AwaitReady(int fd, short events, absl::Time deadline) const {
  for (;;) {
    std::array<pollfd, 2> polled = {pollfd{.fd = fd, .events = events, .revents = 0},
                                    pollfd{.fd = stop_.get(), .events = POLLIN, .revents = 0}};
    const absl::Duration left = deadline - SteadyNow();
    const int timeout = deadline == absl::InfiniteFuture() ? -1 : static_cast<int>(absl::ToInt64Milliseconds(left));
    if (timeout < 0 && deadline != absl::InfiniteFuture()) return false;
    const int ready = poll(polled.data(), polled.size(), timeout);
    if (ready < 0 && errno == EINTR) continue;
    return ready > 0 && polled[1].revents == 0;
  }
}

// Not by accept4, which closes connections where few descriptors are left (process/accept_guard.h): a scrape is what tells of
// that.
int MetricsListener::Accept() const {
  const int connection = accept(listening_.get(), nullptr, nullptr);
  if (connection < 0) return connection;
  (void)fcntl(connection, F_SETFD, FD_CLOEXEC);
  (void)fcntl(connection, F_SETFL, O_NONBLOCK);
  return connection;
}

void MetricsListener::Run() {
  while (AwaitReady(listening_.get(), POLLIN, absl::InfiniteFuture())) {
    const Descriptor connection(Accept());
    if (connection.get() >= 0) {
      Serve(connection.get());
    } else if (errno == EMFILE || errno == ENFILE) {
      // The connection stays in line, and poll would say so at once.
      (void)AwaitReady(stop_.get(), 0, SteadyNow() + absl::Milliseconds(100));
    }
  }
}

std::string MetricsListener::ReadHead(int connection, absl::Time deadline) const {
  std::string head;
  std::array<char, 2048> piece;
  while (head.size() < kMaxHead && AwaitReady(connection, POLLIN, deadline)) {
    const ssize_t size = recv(connection, piece.data(), piece.size(), 0);
    if (size < 0 && (errno == EAGAIN || errno == EINTR)) continue;
    if (size <= 0) break;
    head.append(piece.data(), static_cast<size_t>(size));
    if (const size_t end = head.find("\r\n\r\n"); end != std::string::npos) return head.substr(0, end);
  }
  return "";
}

void MetricsListener::Send(int connection, std::string_view bytes, absl::Time deadline) const {
  while (!bytes.empty() && AwaitReady(connection, POLLOUT, deadline)) {
    const ssize_t size = send(connection, bytes.data(), bytes.size(), MSG_NOSIGNAL);
    if (size < 0 && errno != EAGAIN && errno != EINTR) return;
    if (size > 0) bytes.remove_prefix(static_cast<size_t>(size));
  }
}

std::string MetricsListener::Answer(std::string_view head) const {
  constexpr std::string_view kPlain = "text/plain; charset=utf-8";
  const std::string_view line = head.substr(0, head.find("\r\n"));
  const size_t method_end = line.find(' ');
  const size_t target_end = line.find(' ', method_end + 1);
  if (target_end == std::string_view::npos || !line.substr(target_end + 1).starts_with("HTTP/1."))
    return Response("400 Bad Request", kPlain, "no HTTP request\n");
  const std::string_view method = line.substr(0, method_end);
  std::string_view path = line.substr(method_end + 1, target_end - method_end - 1);
  path = path.substr(0, path.find('?'));
  const bool with_body = method != "HEAD";
  if (path != "/metrics") return Response("404 Not Found", kPlain, "there is /metrics, and nothing else\n", with_body);
  if (method != "GET" && method != "HEAD")
    return Response("405 Method Not Allowed", kPlain, "use GET\n", true, "Allow: GET, HEAD\r\n");
  const MetricFormat format = MetricFormatFor(HeaderOf(head, "accept"));
  return Response("200 OK", ContentTypeOf(format), write_(format), with_body);
}

void MetricsListener::Serve(int connection) const {
  const absl::Time deadline = SteadyNow() + kPatience;
  const std::string head = ReadHead(connection, deadline);
  Send(connection, Answer(head), deadline);
  // What is unread when a socket is closed resets the connection, and may take the answer away from its reader.
  shutdown(connection, SHUT_WR);
  std::array<char, 2048> rest;
  for (size_t drained = 0; drained < kMaxHead && AwaitReady(connection, POLLIN, deadline);) {
    const ssize_t size = recv(connection, rest.data(), rest.size(), 0);
    if (size <= 0) break;
    drained += static_cast<size_t>(size);
  }
}

}  // namespace verdict
