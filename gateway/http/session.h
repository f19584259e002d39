#pragma once

#include <memory>
#include <optional>
#include <string>

#include "gateway/http/connection.h"
#include "gateway/http/request_parser.h"
#include "gateway/http/router.h"
#include "gateway/http/worker.h"

namespace verdict {

// Serves the requests of one connection, one after the other. All of it runs on the worker's thread.
class Session {
 public:
  Session(TcpSocket socket, Worker& worker);  // `worker` outlives it

  // Until the connection ends.
  Awaitable<> Run();

  // Ends after the request under way, or, when none is, unless one begins within the grace.
  void Drain();
  void Abort() { connection_->Abort(); }

 private:
  // One request and its answer. Shared with the handler, which may answer after the connection is gone.
  struct Exchange {
    HttpRequest request;
    std::optional<HttpResponse> response;  // touched on the connection's thread only
    std::weak_ptr<Connection> connection;
  };

  Awaitable<bool> ServeOne();    // false: the connection is done
  Awaitable<bool> ReadHeader();  // false: the peer left, or nothing came
  Awaitable<bool> ReadBody();    // false: the peer left
  Awaitable<bool> MoreInput();   // false: the connection ended, or time ran out
  Awaitable<bool> Handle();      // false: the peer left
  Awaitable<bool> Send();
  Awaitable<> Finish();

  void BeginRequest();
  void Feed();
  bool FindRoute();
  void Admit();
  bool ExpectsContinue() const;
  bool KeepAlive() const;
  Respond MakeRespond() const;
  void LogAccess(int status) const;

  Worker& worker_;
  const std::shared_ptr<Connection> connection_;

  // The request under way:
  std::shared_ptr<Exchange> exchange_;
  std::optional<RequestParser> parser_;
  std::optional<Problem> problem_;  // answered in place of calling the handler
  const Route* route_ = nullptr;
  bool framing_lost_ = false;  // where the next request would begin is not known
  bool idle_ = false;          // no request has begun
  bool linger_ = false;
  IoClock::time_point started_;
  size_t bytes_in_ = 0;
  size_t bytes_out_ = 0;
  std::string head_;
};

}  // namespace verdict
