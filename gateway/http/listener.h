#pragma once

#include <latch>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/asio/basic_socket_acceptor.hpp"
#include "gateway/http/connection_count.h"
#include "gateway/http/io_types.h"
#include "gateway/http/worker.h"

namespace verdict {

// Accepts connections and deals them out to the workers in turn. Lives on the first worker's thread. Owned by HttpServer.
class Listener {
 public:
  // Listens on `address`: "host:port", "[v6]:port", or a port alone for all interfaces; port 0 lets the system choose. Errors:
  // kInvalidArgument for an address that is none, kUnavailable when it cannot be had.
  static absl::StatusOr<std::unique_ptr<Listener>> Open(const std::string& address, std::vector<Worker*> workers,
                                                        ConnectionCount& connections);

  int port() const { return port_; }

  // Begins to accept, from any thread.
  void Start();

  // Once started, from any thread but the workers'; returns when nothing more will be accepted. Takes what the kernel has already
  // accepted, so that nobody who got through is reset.
  void Close();

 private:
  using Acceptor = boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, IoExecutor>;

  Listener(Acceptor acceptor, std::vector<Worker*> workers, ConnectionCount& connections);
  Awaitable<> Run();
  Awaitable<> AcceptNext();
  Awaitable<> Pause();
  // To the worker whose loop the socket was made for: on another's thread it would be used by two.
  void Deal(TcpSocket socket, Worker& worker);
  void Failed(const boost::system::error_code& error);  // to accept
  void AcceptWaiting();
  Worker& NextWorker() { return *workers_[next_++ % workers_.size()]; }

  Acceptor acceptor_;
  IoTimer retry_;
  const std::vector<Worker*> workers_;
  ConnectionCount& connections_;
  const int port_;
  size_t next_ = 0;
  bool closed_ = false;
  IoClock::time_point quiet_until_;
  std::latch finished_{1};  // no connection is dealt out any more
};

}  // namespace verdict
