#include "gateway/http/worker.h"

#include <cassert>
#include <exception>
#include <new>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "boost/asio/co_spawn.hpp"
#include "boost/asio/post.hpp"
#include "common/logging.h"
#include "common/steady_clock.h"
#include "gateway/http/connection.h"
#include "gateway/http/out_of_memory.h"
#include "gateway/http/overload_problem.h"
#include "gateway/http/session.h"
#include "gateway/http/tls_context.h"

namespace verdict {

namespace asio = boost::asio;

namespace {

// Refusals under way at once; beyond it connections are closed without a word, because a flood shall not cost descriptors.
constexpr int kMaxRefusing = 256;

void LogFailure(std::exception_ptr failure) {
  if (!failure) return;
  try {
    std::rethrow_exception(failure);
  } catch (const std::exception& error) {
    LogError("a connection failed", {{"error", error.what()}});
  }
}

}  // namespace

Worker::Worker(const HttpLimits& limits, const HttpConventions& conventions, const Router& router, ConnectionCount& connections)
    : limits_(limits),
      conventions_(conventions),
      router_(router),
      preflight_{"OPTIONS",
                 "*",
                 [&conventions](const HttpRequest& request, Respond respond) -> CancelRequest {
                   respond(AnswerPreflight(conventions.cors, request));
                   return {};
                 },
                 /*needs_body=*/false,
                 /*stream=*/{},
                 /*dialect=*/{},
                 /*role=*/std::nullopt},
      connections_(connections),
      work_(context_.get_executor()) {}

const Route* Worker::PreflightRoute(const HttpRequest& request) const {
  return conventions_.cors.open() && IsPreflight(request) ? &preflight_ : nullptr;
}

std::unique_ptr<TlsSession> Worker::NewTlsSession() const {
  if (!secure()) return nullptr;
  SslPtr ssl = conventions_.tls->NewConnection();
  return ssl ? std::make_unique<TlsSession>(std::move(ssl)) : nullptr;
}

Worker::~Worker() { Stop(); }

void Worker::Start() {
  thread_ = std::thread([this] { RunLoop(); });
}

// What runs out of memory and is caught nowhere else costs what it was about, and not the process.
void Worker::RunLoop() {
  for (bool ended = false; !ended;) {
    try {
      context_.run();
      ended = true;
    } catch (const std::bad_alloc&) {
      UnlessOutOfMemory([] { LogWarning("there is no memory for an event of the server"); });
    }
  }
}

void Worker::Stop() {
  work_.reset();
  context_.stop();
  if (thread_.joinable()) thread_.join();
}

void Worker::Serve(TcpSocket socket, std::string peer) {
  assert(&socket.get_executor().context() == &context_);
  auto session = std::make_shared<Session>(std::move(socket), std::move(peer), *this);
  asio::co_spawn(context_.get_executor(), RunSession(std::move(session)), LogFailure);
}

void Worker::Refuse(TcpSocket socket) { asio::co_spawn(context_.get_executor(), RunRefusal(std::move(socket)), LogFailure); }

Awaitable<> Worker::RunSession(std::shared_ptr<Session> session) {
  struct Registration {
    Worker& worker;
    Session* session;
    ~Registration() {
      session->Drop();  // where an exception has ended it
      worker.sessions_.erase(session);
      worker.connections_.Remove(session->peer());
      for (const auto& observer : worker.conventions_.observers) observer->OnConnectionClosed();
    }
  };
  const Registration registration{*this, session.get()};
  sessions_.insert(session.get());
  for (const auto& observer : conventions_.observers) observer->OnConnectionOpened();
  co_await session->Run();
}

Awaitable<> Worker::RunRefusal(TcpSocket socket) {
  for (const auto& observer : conventions_.observers) observer->OnConnectionRefused();
  // A handshake costs more than the refusal is worth.
  if (refusing_ >= kMaxRefusing || draining_ || secure()) co_return;
  ++refusing_;
  const absl::Cleanup done = [this] { --refusing_; };
  const IoClock::time_point started = IoClock::now();
  const Problem problem = Overloaded("too many connections are open, or too many from this address; try again in a moment");
  HttpRequest nothing;
  nothing.request_id = request_ids_.For(nothing);
  const HttpResponse response = conventions_.write_problem(nothing, problem);
  std::string head;
  AppendResponseHead(head, response,
                     HeadContext{.http11 = true, .keep_alive = false, .request_id = nothing.request_id, .date = date_.Now()});
  const auto connection = std::make_shared<Connection>(std::move(socket));
  connection->ExpireAfter(limits_.linger);
  const bool sent = co_await connection->Write(head, response.body);
  TellOfRefusal({.request = nothing,
                 .notes = response.notes,
                 .status = response.status,
                 .refused = true,
                 .too_many_connections = true,
                 .bytes_out = sent ? head.size() + response.body.size() : 0,
                 .duration = absl::FromChrono(IoClock::now() - started)});
  if (sent) co_await connection->Linger(limits_.linger);
  connection->Close();
}

void Worker::TellOfRefusal(FinishedExchange exchange) const {
  exchange.start = SteadyNow() - exchange.duration;
  for (const auto& observer : conventions_.observers) {
    observer->OnExchangeBegun();
    observer->OnExchange(exchange);
  }
}

void Worker::LastAnswers() {
  asio::post(context_, [this] { last_answers_ = true; });
}

void Worker::Drain() {
  asio::post(context_, [this] {
    last_answers_ = draining_ = true;
    for (Session* session : sessions_) session->Drain();
  });
}

void Worker::Abort() {
  asio::post(context_, [this] {
    const std::unordered_set<Session*> sessions = sessions_;  // a session leaves the set when it ends, which may be at once
    for (Session* session : sessions) {
      if (sessions_.contains(session)) session->Abort();
    }
  });
}

}  // namespace verdict
