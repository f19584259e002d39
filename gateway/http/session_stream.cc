// The part of a session that serves a request whose body is read as it arrives.
#include <utility>

#include "common/logging.h"
#include "gateway/http/departure_check.h"
#include "gateway/http/session.h"
#include "gateway/http/stream_exchange.h"

namespace verdict {
namespace {

// What is read ahead of a sink that wants nothing yet: enough to go on with.
constexpr size_t kAheadOfSink = 16 * 1024;

}  // namespace

std::shared_ptr<StreamExchange> Session::MakeStream() {
  const HttpLimits& limits = worker_.limits();
  const auto head = [this](HttpResponse response) {
    AddCorsHeaders(worker_.conventions().cors, exchange_->request, response.headers);
    std::string out;
    // HTTP/1.0 knows the end of an answer without a length only by that of the connection.
    announced_close_ = worker_.last_answers() || framing_lost_ || !parser_->keep_alive() || !parser_->http11();
    AppendResponseHead(out, response,
                       {.http11 = parser_->http11(),
                        .keep_alive = !announced_close_,
                        .request_id = exchange_->request.request_id,
                        .date = worker_.date().Now(),
                        .framing = parser_->http11() ? HeadContext::Framing::kChunked : HeadContext::Framing::kUntilClose});
    return out;
  };
  return std::make_shared<StreamExchange>(
      StreamExchange::Setup{connection_, {limits.backlog_bytes, limits.spill_bytes, limits.spill_use}, parser_->http11(), head});
}

Awaitable<bool> Session::Stream() {
  parser_->StreamBody(pieces_);
  stream_ = MakeStream();
  body_ended_ = announced_close_ = cut_off_ = false;
  moved_ = 0;
  body_began_ = IoClock::now();
  connection_->ExpireAfter(worker_.limits().body_timeout);
  sink_ = route_->stream.open(exchange_->request, *stream_);
  if (!sink_ && !stream_->whole()) RefuseStream({500, "the request was not taken"});
  const uint64_t sent_before = connection_->sent();
  FeedSink();
  if (!stream_->over() && !parser_->done() && ExpectsContinue() && !co_await connection_->Write(kContinue, {}))
    co_return EndStream();
  DepartureCheck departure(*connection_, parser_->http11());
  while (!stream_->over()) {
    FeedSink();
    stream_->Send();
    if (stream_->over()) break;
    if (connection_->half_closed()) FeedSink();  // sending may have made room
    // Once an answer has begun, sending more of it finds out whether its caller is there.
    const bool may_have_left = connection_->half_closed() && parser_->done() && !stream_->begun();
    if (may_have_left) departure.Begin();
    if (may_have_left && connection_->expired()) co_await departure.Continue();
    if (HasLeft() && !AnswerTimeout()) break;
    if (stream_->over()) break;
    ReadOn();
    if (!may_have_left) LimitStream();
    co_await connection_->Event();
  }
  bytes_out_ = connection_->sent() - sent_before;
  co_return EndStream();
}

// Whether the caller is gone, or has ended its request before the end: of what has arrived, the parser takes no more. One that
// has sent all of it may wait for the answer with its sending half closed; if it does not, sending the answer fails.
bool Session::HasLeft() const {
  const bool stuck = connection_->input().empty() || sink_->wants_data();
  return connection_->ended() || (connection_->half_closed() && !parser_->done() && stuck);
}

// Whether this is a stream that can still be answered: its caller is there but sent nothing for too long.
bool Session::AnswerTimeout() {
  if (!connection_->expired() || connection_->closed() || connection_->aborted()) return false;
  if (stream_->begun()) {
    stream_->Abort("its request did not go on");
  } else {
    framing_lost_ = true;
    RefuseStream({408, "the body of the request did not go on arriving in time"});
  }
  return true;
}

void Session::FeedSink() {
  const auto unread = [this] { return connection_->input().size(); };
  for (size_t before = 0; sink_ && !stream_->over() && !parser_->done() && unread() > 0 && unread() != before;) {
    if (!sink_->wants_data()) return;
    before = unread();
    Feed();
    if (!pieces_.empty()) sink_->Data(pieces_);
    pieces_.clear();
    if (problem_) return RefuseRest(*std::exchange(problem_, std::nullopt));
  }
  if (!parser_->done() || std::exchange(body_ended_, true) || stream_->over()) return;
  stream_->BodyEnded();
  sink_->End();
}

// Of a request that is refused. Where it has arrived whole, the connection can go on.
void Session::DropArrived() {
  if (!parser_->done() && !problem_ && !connection_->input().empty()) Feed();
  pieces_.clear();
  problem_.reset();
}

// The rest of the body is not well-formed HTTP.
void Session::RefuseRest(const Problem& problem) {
  if (stream_->begun()) return stream_->Abort(problem.detail);
  RefuseStream(problem);
}

// A problem of which the sink knows nothing.
void Session::RefuseStream(const Problem& problem) {
  refused_ = true;
  stream_->Respond(worker_.conventions().write_problem(exchange_->request, problem));
}

void Session::ReadOn() {
  const bool wanted = !parser_->done() && sink_->wants_data();
  if (wanted || connection_->input().size() < kAheadOfSink) connection_->StartRead();
}

// The limit is for callers that neither send nor read although it is their turn; as long as the service works nothing expires.
void Session::LimitStream() {
  const bool their_turn = connection_->writing() || (!parser_->done() && sink_->wants_data());
  const uint64_t moved = 1 + connection_->received() + connection_->sent();
  if (!their_turn) {
    connection_->NeverExpire();
    moved_ = 0;
  } else if (!parser_->done() && sink_->keeps_body()) {
    LimitBody();
    moved_ = 0;
  } else if (std::exchange(moved_, moved) != moved) {
    connection_->ExpireAfter(worker_.limits().body_timeout);
  }
}

// Lets go of the stream. Whether there is an answer for the session to send.
bool Session::EndStream() {
  sink_.reset();  // gives up what it still has under way
  const auto stream = std::exchange(stream_, nullptr);
  if (stream->whole()) {
    DropArrived();
    exchange_->response = std::move(stream->whole());
    return true;
  }
  notes_ = stream->notes();
  const bool left = !stream->over();
  cut_off_ = left || !stream->broken().empty();
  status_ = left || !stream->begun() ? kClientClosedRequest : stream->status();
  if (!stream->broken().empty()) {
    LogWarning("a streamed answer was cut off", {{"error", stream->broken()}, {"request_id", exchange_->request.request_id}});
    connection_->Reset();
  }
  linger_ = !parser_->done() || !connection_->input().empty();
  return false;
}

// The last of a streamed request that has been answered, or never will be. Whether the connection can go on.
bool Session::LogStreamed() {
  Ended(status_, cut_off_);
  return !cut_off_ && !announced_close_ && KeepAlive();
}

}  // namespace verdict
