#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/http/connection.h"
#include "gateway/http/request_parser.h"
#include "gateway/http/router.h"
#include "gateway/http/worker.h"

namespace verdict {

class StreamExchange;

// Serves the requests of one connection, one after the other. All of it runs on the worker's thread.
class Session {
 public:
  // `peer` is the address at the other end, without its port; `worker` outlives the session.
  Session(TcpSocket socket, std::string peer, Worker& worker);

  // Until the connection ends.
  Awaitable<> Run();

  // Ends after the request under way, or, when none is, unless one begins within the grace.
  void Drain();
  void Abort() { connection_->Abort(); }
  // Closes what an exception has left open.
  void Drop();

  const std::string& peer() const { return peer_; }

 private:
  // Not of the standard, but what others write into their logs for a caller that left.
  static constexpr int kClientClosedRequest = 499;
  static constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";

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
  void LimitBody();
  Awaitable<bool> Handle();  // false: the peer left
  Awaitable<bool> Reply();   // sends the answer; false: the connection is done
  Awaitable<bool> Send();
  Awaitable<> Finish();

  // Of a request that is streamed (session_stream.cc):
  Awaitable<bool> Stream();  // true: there is an answer to send; false: it is sent, or nobody is there
  std::shared_ptr<StreamExchange> MakeStream();
  void FeedSink();
  void DropArrived();
  void RefuseRest(const Problem& problem);
  void RefuseStream(const Problem& problem);
  bool HasLeft() const;
  bool AnswerTimeout();
  void ReadOn();
  void LimitStream();
  bool EndStream();
  bool LogStreamed();

  Awaitable<bool> Handshake();  // false: the peer cannot be talked to
  void BeIdle(absl::Duration limit);
  void BeginRequest();
  void Feed();
  bool FindRoute();
  bool Allowed();  // false, with the problem: the caller may not use the route
  void Admit();
  HttpResponse WriteProblem() const;
  bool ExpectsContinue() const;
  bool KeepAlive() const;
  Respond MakeRespond() const;
  void Ended(int status, bool cut_off = false) const;  // tells of the request under way, which is over

  Worker& worker_;
  const std::shared_ptr<Connection> connection_;
  const std::string peer_;                                // its address
  std::optional<std::vector<std::string>> certificate_;   // names in the peer's; without: it has none
  absl::Time certificate_ends_ = absl::InfiniteFuture();  // until when it counts; the connection ends with it

  // The request under way:
  std::shared_ptr<Exchange> exchange_;
  std::optional<RequestParser> parser_;
  std::optional<Problem> problem_;  // answered in place of calling the handler
  const Route* route_ = nullptr;
  bool refused_ = false;       // the answer is not a handler's
  std::string caller_;         // whose credential the request carries; empty: nobody is known
  bool framing_lost_ = false;  // where the next request would begin is not known
  bool idle_ = false;          // no request has begun
  bool linger_ = false;
  IoClock::time_point started_, body_began_;
  size_t bytes_in_ = 0;
  size_t bytes_out_ = 0;
  std::string head_;

  // Of a request that is streamed:
  bool streamed_ = false;
  std::shared_ptr<StreamExchange> stream_;
  std::unique_ptr<StreamSink> sink_;
  std::string pieces_;  // of the body, on their way from the parser to the sink
  uint64_t moved_ = 0;  // bytes in and out when the limit was last set
  bool body_ended_ = false;
  bool announced_close_ = false;
  bool cut_off_ = false;
  int status_ = 0;
  ExchangeNotes notes_;  // of the answer that was streamed
};

}  // namespace verdict
