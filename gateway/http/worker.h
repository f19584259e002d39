#pragma once

#include <memory>
#include <thread>
#include <unordered_set>

#include "boost/asio/executor_work_guard.hpp"
#include "gateway/http/connection_count.h"
#include "gateway/http/http_conventions.h"
#include "gateway/http/http_limits.h"
#include "gateway/http/io_types.h"
#include "gateway/http/request_id.h"
#include "gateway/http/response_head.h"
#include "gateway/http/router.h"
#include "gateway/http/tls_session.h"

namespace verdict {

class Session;

// One thread, its event loop and the connections that live on it. Owned by HttpServer.
class Worker {
 public:
  // All four outlive the worker.
  Worker(const HttpLimits& limits, const HttpConventions& conventions, const Router& router, ConnectionCount& connections);
  ~Worker();

  boost::asio::io_context& context() { return context_; }

  // From any thread:
  void Start();
  void Serve(TcpSocket socket, std::string peer);  // a connection from that address that is counted already
  void Refuse(TcpSocket socket);                   // one that is not, and may not be: answered 429 and closed
  void LastAnswers();                              // from now on every answer is the last on its connection, and says so
  void Drain();                                    // the same, and connections without a request end
  void Abort();                                    // sessions end now
  void Stop();                                     // ends the loop and the thread; connections are gone by then

  // For its sessions, on its thread:
  const HttpLimits& limits() const { return limits_; }
  const HttpConventions& conventions() const { return conventions_; }
  const Router& router() const { return router_; }
  // The route of a browser's question whether a page may ask; null when it is no such question, or nobody may.
  const Route* PreflightRoute(const HttpRequest& request) const;
  bool last_answers() const { return last_answers_; }
  // Whether connections use TLS; null when they do not, or there is no memory for it.
  bool secure() const { return conventions_.tls != nullptr; }
  std::unique_ptr<TlsSession> NewTlsSession() const;
  bool draining() const { return draining_; }
  RequestIdSource& request_ids() { return request_ids_; }
  DateCache& date() { return date_; }

 private:
  void RunLoop();
  Awaitable<> RunSession(std::shared_ptr<Session> session);
  Awaitable<> RunRefusal(TcpSocket socket);
  void TellOfRefusal(FinishedExchange exchange) const;

  const HttpLimits& limits_;
  const HttpConventions& conventions_;
  const Router& router_;
  const Route preflight_;
  ConnectionCount& connections_;
  boost::asio::io_context context_{1};
  boost::asio::executor_work_guard<IoExecutor> work_;
  RequestIdSource request_ids_;
  DateCache date_;
  bool last_answers_ = false;
  bool draining_ = false;
  int refusing_ = 0;
  std::unordered_set<Session*> sessions_;
  std::thread thread_;
};

}  // namespace verdict
