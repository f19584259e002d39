#include "gateway/http/session.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/dispatch.hpp"
#include "boost/asio/post.hpp"
#include "common/logging.h"
#include "common/steady_clock.h"
#include "gateway/http/ascii.h"
#include "gateway/http/departure_check.h"
#include "gateway/http/stream_exchange.h"
#include "security/wall_clock.h"

namespace verdict {

namespace asio = boost::asio;

namespace {

// What a client may send ahead of its answer before we stop reading, and with that stop noticing that it leaves.
constexpr size_t kReadAhead = 64 * 1024;

// Of an answer: the sockets have room for that, whether its caller reads or not.
constexpr size_t kFitsSocket = 16 * 1024;

// Unless `sending` has ended by then.
void AbortSoon(const std::shared_ptr<Connection>& connection, std::weak_ptr<const bool> sending) {
  asio::post(connection->executor(), [connection, sending = std::move(sending)] {
    if (!sending.expired()) connection->Abort();
  });
}

Problem TooSlow(std::string_view what) {
  return {408, absl::StrCat("the ", std::string(what), " of the request did not arrive in time")};
}

}  // namespace

Session::Session(TcpSocket socket, std::string peer, Worker& worker)
    : worker_(worker),
      connection_(std::make_shared<Connection>(std::move(socket), worker.NewTlsSession())),
      peer_(std::move(peer)) {}

Awaitable<> Session::Run() {
  // A connection that should have TLS and could not get it is closed. Decided here, as GCC 12 made a trap of an early co_return
  // in Handshake.
  bool more = !worker_.secure();
  if (connection_->tls() != nullptr) more = co_await Handshake();
  while (more) more = co_await ServeOne();
  co_await Finish();
}

Awaitable<bool> Session::Handshake() {
  BeIdle(worker_.limits().header_timeout);
  const bool done = co_await connection_->Handshake();
  if (!done) {
    const TlsSession& tls = *connection_->tls();
    linger_ = tls.plain_http();  // it has an answer, which a reset could take away
    const auto why = linger_               ? HandshakeFailure::kPlainHttp
                     : tls.error().empty() ? HandshakeFailure::kAbandoned
                                           : HandshakeFailure::kOther;
    for (const auto& observer : worker_.conventions().observers) observer->OnHandshakeFailed(why);
    co_return false;
  }
  if (connection_->tls()->has_peer_certificate()) certificate_ = connection_->tls()->PeerNames();
  certificate_ends_ = connection_->tls()->PeerNotAfter();
  co_return true;
}

// A read that is under way would keep the connection open for as long as its peer likes.
void Session::Drop() {
  if (!connection_->closed()) connection_->Reset();
}

// Until a request begins: a server that ends does not wait for it.
void Session::BeIdle(absl::Duration limit) {
  idle_ = true;
  const absl::Duration most = worker_.draining() ? worker_.limits().drain_grace : limit;
  connection_->ExpireAfter(std::min(most, certificate_ends_ - WallNow()));
}

void Session::Drain() {
  if (idle_) connection_->ExpireAfter(worker_.limits().drain_grace);
}

void Session::BeginRequest() {
  exchange_ = std::make_shared<Exchange>();
  exchange_->connection = connection_;
  exchange_->request.client_address = peer_;
  parser_.emplace(exchange_->request, worker_.limits());
  problem_.reset();
  route_ = nullptr;
  caller_.clear();
  framing_lost_ = false;
  bytes_in_ = bytes_out_ = 0;
  streamed_ = refused_ = false;
  notes_ = {};
}

Awaitable<bool> Session::ServeOne() {
  BeginRequest();
  if (!co_await ReadHeader()) co_return false;
  exchange_->request.request_id = worker_.request_ids().For(exchange_->request);
  for (const auto& observer : worker_.conventions().observers) {
    observer->OnExchangeBegun();
    if (!exchange_->request.trace.valid()) exchange_->request.trace = observer->Begin(exchange_->request);
  }
  if (!problem_) Admit();
  if (streamed_ && !problem_) {
    if (!co_await Stream()) co_return LogStreamed();
    co_return co_await Reply();
  }
  bool there = problem_.has_value() || co_await ReadBody();
  if (problem_) {
    refused_ = true;
    exchange_->response = WriteProblem();
  } else if (there) {
    there = co_await Handle();
  }
  if (!there) {
    Ended(kClientClosedRequest);
    co_return false;
  }
  co_return co_await Reply();
}

Awaitable<bool> Session::Reply() {
  const bool keep_alive = KeepAlive();
  const bool sent = co_await Send();
  Ended(exchange_->response->status, !sent && connection_->aborted());
  co_return sent&& keep_alive;
}

Awaitable<bool> Session::ReadHeader() {
  const HttpLimits& limits = worker_.limits();
  BeIdle(limits.idle_timeout);
  for (;;) {
    if (!connection_->input().empty()) Feed();
    const bool begins = idle_ && (parser_->begun() || problem_);
    if (begins) {
      idle_ = false;
      started_ = IoClock::now();
    }
    if (problem_ || parser_->header_done()) co_return true;
    if (begins) connection_->ExpireAfter(limits.header_timeout);
    if (co_await MoreInput()) continue;
    if (idle_ || !connection_->expired()) co_return false;
    problem_ = TooSlow("header");
  }
}

Awaitable<bool> Session::ReadBody() {
  // Nobody looks at what a route that needs no body is sent, and whoever has no credential may send it: it shall not take the
  // memory for the bodies of others. It is read, as some clients send "{}" with everything.
  if (route_->needs_body) {
    parser_->ReadBody();
  } else {
    parser_->DropBody();
  }
  body_began_ = IoClock::now();
  bool asked_to_wait = ExpectsContinue();
  while (!parser_->done()) {
    if (!connection_->input().empty()) Feed();
    if (problem_ || parser_->done()) break;
    LimitBody();
    if (std::exchange(asked_to_wait, false) && !co_await connection_->Write(kContinue, {})) co_return false;
    if (co_await MoreInput()) continue;
    if (!connection_->expired()) co_return false;
    problem_ = TooSlow("body");
  }
  co_return true;
}

// The whole time that a body has, or less for one that comes too slowly: a few bytes now and then shall not hold a connection,
// and the memory for what has come.
void Session::LimitBody() {
  const HttpLimits& limits = worker_.limits();
  const auto at_rate = absl::Seconds(static_cast<double>(parser_->body_bytes()) / static_cast<double>(limits.body_rate));
  const absl::Duration passed = absl::FromChrono(IoClock::now() - body_began_);
  connection_->ExpireAfter(std::max(std::min(limits.body_timeout, limits.body_grace + at_rate) - passed, absl::ZeroDuration()));
}

Awaitable<bool> Session::MoreInput() {
  const size_t before = connection_->received();
  connection_->StartRead();
  const auto over = [this] { return connection_->ended() || connection_->half_closed(); };
  while (connection_->received() == before && !over()) co_await connection_->Event();
  co_return connection_->received() != before;
}

void Session::Feed() {
  const size_t used = parser_->Feed(connection_->input(), problem_);
  connection_->Consume(used);
  bytes_in_ += used;
  if (problem_) framing_lost_ = true;
}

// False, with the problem, where there is none.
bool Session::FindRoute() {
  HttpRequest& request = exchange_->request;
  ProblemOr<Router::Match> found = worker_.router().Find(request.method, request.path);
  if (auto* problem = std::get_if<Problem>(&found)) {
    problem_ = std::move(*problem);
    return false;
  }
  route_ = std::get<Router::Match>(found).route;
  request.path_parameters = std::get<Router::Match>(std::move(found)).parameters;
  return true;
}

bool Session::Allowed() {
  const HttpConventions& conventions = worker_.conventions();
  if (!conventions.authorize || !route_->role) return true;
  HttpRequest& request = exchange_->request;
  problem_ = conventions.authorize({.request = request,
                                    .role = *route_->role,
                                    .certificate = certificate_ && WallNow() < certificate_ends_ ? &*certificate_ : nullptr,
                                    .caller = caller_,
                                    .client = request.client});
  return !problem_;
}

HttpResponse Session::WriteProblem() const {
  const bool by_route = route_ != nullptr && route_->write_problem && (problem_->status == 401 || problem_->status == 403);
  return (by_route ? route_->write_problem : worker_.conventions().write_problem)(exchange_->request, *problem_);
}

// What the header alone decides, before any of the body is read.
void Session::Admit() {
  if ((problem_ = parser_->CheckFraming())) {
    framing_lost_ = true;
    return;
  }
  const HttpRequest& request = exchange_->request;
  route_ = worker_.PreflightRoute(request);
  if (route_ == nullptr && !FindRoute()) return;
  if (!Allowed()) return;
  if (route_->needs_body && !parser_->has_length()) {
    problem_ = Problem{411, "a body is needed: send Content-Length, or the body in chunks"};
    return;
  }
  streamed_ = route_->stream.takes && route_->stream.takes(request);
  if (!streamed_) {
    problem_ = parser_->CheckBodySize();
    if (!problem_ && route_->needs_body) problem_ = parser_->CheckBodyPlace();
  }
  if (!problem_ && parser_->http11()) {
    const auto expect = request.headers.Find("Expect");
    if (expect && !EqualsIgnoreCase(*expect, "100-continue")) problem_ = Problem{417, "of Expect only 100-continue is met"};
  }
}

bool Session::ExpectsContinue() const { return parser_->http11() && exchange_->request.headers.Find("Expect").has_value(); }

Respond Session::MakeRespond() const {
  return [exchange = exchange_](HttpResponse response) mutable {
    auto connection = exchange->connection.lock();
    if (!connection) return;  // the peer left, and nobody wants to know any more
    const IoExecutor executor = connection->executor();
    asio::dispatch(
        executor, [exchange = std::move(exchange), connection = std::move(connection), response = std::move(response)]() mutable {
          exchange->response = std::move(response);
          connection->Wake();
        });
  };
}

Awaitable<bool> Session::Handle() {
  connection_->NeverExpire();  // the handler has its own deadline
  CancelRequest cancel = route_->handler(exchange_->request, MakeRespond());
  DepartureCheck departure(*connection_, parser_->http11());
  while (!exchange_->response) {
    if (connection_->half_closed()) departure.Begin();
    if (connection_->expired()) co_await departure.Continue();
    if (connection_->ended()) {
      if (cancel) cancel();
      co_return false;
    }
    if (connection_->input().size() < kReadAhead) connection_->StartRead();
    co_await connection_->Event();
  }
  co_return true;
}

bool Session::KeepAlive() const {
  const bool no_more = connection_->half_closed() && connection_->input().empty();
  return !framing_lost_ && !no_more && WallNow() < certificate_ends_ && !worker_.last_answers() && parser_->done() &&
         parser_->keep_alive() && !connection_->aborted();
}

Awaitable<bool> Session::Send() {
  HttpResponse& response = *exchange_->response;
  const HttpRequest& request = exchange_->request;
  AddCorsHeaders(worker_.conventions().cors, request, response.headers);
  const bool keep_alive = KeepAlive();
  linger_ = !keep_alive && (framing_lost_ || !parser_->done() || !connection_->input().empty());
  head_.clear();
  AppendResponseHead(
      head_, response,
      HeadContext{
          .http11 = parser_->http11(), .keep_alive = keep_alive, .request_id = request.request_id, .date = worker_.date().Now()});
  const std::string_view body = request.method == "HEAD" ? std::string_view() : std::string_view(response.body);
  bytes_out_ = head_.size() + body.size();
  connection_->ExpireAfter(worker_.limits().body_timeout);
  UnreadAnswers::Entry unread;
  std::shared_ptr<const bool> sending;
  if (body.size() > kFitsSocket) {
    sending = std::make_shared<const bool>(true);
    unread = UnreadAnswers::Add(
        worker_.limits().unread_answers, static_cast<int64_t>(body.size()),
        [connection = connection_.get(), weak = std::weak_ptr(sending)] { AbortSoon(connection->shared_from_this(), weak); });
  }
  const bool sent = co_await connection_->Write(head_, body);
  if (!sent && connection_->aborted()) {
    LogWarning("an answer was given up before its caller had read it",
               {{"bytes", static_cast<int64_t>(body.size())}, {"request_id", request.request_id}});
  }
  co_return sent;
}

Awaitable<> Session::Finish() {
  if (linger_ && !connection_->ended()) co_await connection_->Linger(worker_.limits().linger);
  connection_->Close();
}

void Session::Ended(int status, bool cut_off) const {
  const bool streaming = streamed_ && !exchange_->response;
  FinishedExchange ended{.request = exchange_->request,
                         .notes = exchange_->response ? exchange_->response->notes : notes_,
                         .caller = caller_,
                         .secure = worker_.secure(),
                         .status = status,
                         .refused = refused_,
                         .cut_off = cut_off,
                         .bytes_in = bytes_in_,
                         .bytes_out = bytes_out_,
                         .duration = absl::FromChrono(IoClock::now() - started_)};
  ended.start = SteadyNow() - ended.duration;
  if (route_ != nullptr) {
    ended.route = route_->path;
    ended.dialect = streaming ? route_->stream.dialect : route_->dialect;
  }
  if (!ended.notes.dialect.empty()) ended.dialect = ended.notes.dialect;
  for (const auto& observer : worker_.conventions().observers) observer->OnExchange(ended);
}

}  // namespace verdict
