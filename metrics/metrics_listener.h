#pragma once

#include <functional>
#include <memory>
#include <string>
#include <thread>

#include "absl/status/statusor.h"
#include "metrics/exposition.h"

namespace verdict {

// Answers GET and HEAD of /metrics over plain HTTP, for a process that has no other HTTP port. One scraper at a time, each within
// five seconds; every answer ends its connection. Owned and used by one thread.
class MetricsListener {
 public:
  // All metrics in that format, with its end. Called on the listener's thread.
  using Write = std::function<std::string(MetricFormat)>;

  // Listens when it returns, on "host:port" with an address or a name as the host, "[v6]:port", or a port alone for all
  // interfaces; port 0 takes a free one. Errors: kInvalidArgument for an address that is none, kUnavailable when it cannot be
  // had.
  static absl::StatusOr<std::unique_ptr<MetricsListener>> Start(const std::string& address, Write write);
  ~MetricsListener();
  MetricsListener(const MetricsListener&) = delete;

  int port() const { return port_; }

 private:
  // A file descriptor that is closed at the end.
  class Descriptor {
   public:
    explicit Descriptor(int fd) : fd_(fd) {}
    Descriptor(Descriptor&& other) noexcept;
    ~Descriptor();
    int get() const { return fd_; }

   private:
    int fd_;
  };

  MetricsListener(Descriptor listening, Descriptor stop, int port, Write write);
  static absl::StatusOr<Descriptor> Bind(const std::string& address);
  void Run();
  int Accept() const;
  void Serve(int connection) const;
  bool AwaitReady(int fd, short events, absl::Time deadline) const;  // false: too late, or to stop
  std::string ReadHead(int connection, absl::Time deadline) const;
  void Send(int connection, std::string_view bytes, absl::Time deadline) const;
  std::string Answer(std::string_view head) const;

  const Descriptor listening_;
  const Descriptor stop_;  // readable: to stop
  const int port_;
  const Write write_;
  std::thread thread_;
};

}  // namespace verdict
