#include "gateway/http/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <new>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/async_result.hpp"
#include "boost/asio/buffer.hpp"
#include "boost/asio/redirect_error.hpp"
#include "boost/asio/write.hpp"
#include "common/logging.h"
#include "gateway/http/out_of_memory.h"

namespace verdict {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

// What is encrypted at a time, of an answer that may be large.
constexpr size_t kEncryptAtOnce = 256 * 1024;

constexpr std::string_view kPlainHttp =
    "HTTP/1.1 400 Bad Request\r\nContent-Type: text/plain\r\nContent-Length: 35\r\nConnection: close\r\n\r\n"
    "this port speaks HTTPS: use https:\n";

}  // namespace

Connection::Connection(TcpSocket socket, std::unique_ptr<TlsSession> tls)
    : socket_(std::move(socket)), tls_(std::move(tls)), executor_(socket_.get_executor()), timer_(executor_) {}

Awaitable<bool> Connection::Handshake() {
  if (!tls_) co_return true;
  for (;;) {
    const TlsSession::Step step = tls_->Handshake();
    const std::string out = tls_->plain_http() ? std::string(kPlainHttp) : tls_->TakeOutput();
    if (!out.empty() && !co_await WritePlain(out, {})) co_return false;
    if (step == TlsSession::Step::kFailed) {
      LogInfo("TLS handshake failed", {{"error", tls_->error()}});
      co_return false;
    }
    if (step == TlsSession::Step::kDone) break;
    StartRead();
    co_await Event();
    if (ended() || half_closed_) co_return false;  // half a handshake is none
  }
  Decrypt();  // a request may have come with the end of the handshake
  co_return !closed_;
}

void Connection::StartRead() {
  if (reading_ || closed_ || half_closed_ || aborted_) return;
  reading_ = true;
  socket_.async_read_some(asio::buffer(incoming_),
                          [self = shared_from_this()](const error_code& error, size_t size) { self->Received(error, size); });
}

// Here, as in Sent, no coroutine of the session is there to catch what is thrown, and it would end the process.
void Connection::Received(const error_code& error, size_t size) {
  reading_ = false;
  bool event = true;
  try {
    event = Take(error, size);
    if (!event) StartRead();
  } catch (const std::bad_alloc&) {
    reading_ = false;
    event = true;
    CloseForWantOfMemory();
  }
  if (event) Wake();
}

bool Connection::Take(const error_code& error, size_t size) {
  if (error == asio::error::eof) {
    half_closed_ = true;
  } else if (error) {
    closed_ = true;
  } else if (tls_) {
    tls_->Receive({incoming_.data(), size});
    return !tls_->established() || Decrypt();
  } else {
    input_.Append(incoming_.data(), size);
    received_ += size;
  }
  return true;
}

void Connection::CloseForWantOfMemory() {
  closed_ = true;
  error_code ignored;
  socket_.close(ignored);
  timer_.cancel();
  UnlessOutOfMemory([] { LogWarning("a connection is closed for want of memory"); });
}

bool Connection::IsReset() const {
  tcp_info info = {};
  socklen_t size = sizeof(info);
  // The native handle is there to be asked; asio only wants it from an object that may change.
  const int descriptor = const_cast<TcpSocket&>(socket_).native_handle();
  return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || info.tcpi_state == TCP_CLOSE;
}

bool Connection::Decrypt() {
  const size_t before = received_;
  const TlsSession::Step step = tls_->Decrypt([this](std::string_view plain) {
    input_.Append(plain.data(), plain.size());
    received_ += plain.size();
  });
  // A close_notify is to TLS what a FIN is to TCP: its sender may wait for an answer.
  if (step == TlsSession::Step::kDone) half_closed_ = true;
  if (step == TlsSession::Step::kFailed) closed_ = true;
  return closed_ || half_closed_ || received_ != before;
}

void Connection::ExpireAfter(absl::Duration limit) {
  expired_ = false;
  deadline_ = IoClock::now() + absl::ToChronoNanoseconds(limit);
  if (deadline_ < timer_set_for_) WaitUntil(deadline_);
}

void Connection::NeverExpire() {
  expired_ = false;
  deadline_ = IoClock::time_point::max();
}

void Connection::WaitUntil(IoClock::time_point time) {
  timer_set_for_ = IoClock::time_point::max();  // as long as nothing waits
  timer_.expires_at(time);
  timer_.async_wait([weak = weak_from_this()](const error_code& error) {
    if (error == asio::error::operation_aborted) return;
    if (const auto self = weak.lock()) self->TimerFired();
  });
  timer_set_for_ = time;
}

void Connection::TimerFired() {
  timer_set_for_ = IoClock::time_point::max();
  if (deadline_ == IoClock::time_point::max()) return;
  if (IoClock::now() < deadline_) return WaitUntil(deadline_);  // the limit moved on since
  deadline_ = IoClock::time_point::max();
  expired_ = true;
  if (writing_) Close();
  Wake();
}

void Connection::Wake() {
  woken_ = true;
  if (!waiter_) return;
  auto waiter = std::exchange(waiter_, nullptr);
  waiter();  // resumes the session, so nothing may follow
}

Awaitable<> Connection::Event() {
  if (!woken_) {
    co_await asio::async_initiate<const UseAwaitable, void()>([this](auto handler) { waiter_ = std::move(handler); },
                                                              UseAwaitable());
  }
  woken_ = false;
}

Awaitable<bool> Connection::Write(std::string_view head, std::string_view body) {
  return tls_ ? WriteEncrypted(head, body) : WritePlain(head, body);
}

Awaitable<bool> Connection::WriteEncrypted(std::string_view head, std::string_view body) {
  bool more = true;
  while (more) {
    const std::string_view piece = body.substr(0, kEncryptAtOnce);
    body.remove_prefix(piece.size());
    more = !body.empty();
    std::string encrypted;
    // A short answer goes in one piece.
    const std::string whole = absl::StrCat(std::string(std::exchange(head, {})), std::string(piece));
    if (!tls_->Encrypt(whole, encrypted)) {
      Close();
      co_return false;
    }
    if (!co_await WritePlain(encrypted, {})) co_return false;
  }
  co_return true;
}

Awaitable<bool> Connection::WritePlain(std::string_view head, std::string_view body) {
  const std::array<asio::const_buffer, 2> buffers = {asio::buffer(head), asio::buffer(body)};
  error_code error;
  writing_ = true;
  co_await asio::async_write(socket_, buffers, asio::redirect_error(UseAwaitable(), error));
  writing_ = false;
  if (error) Close();
  co_return !error;
}

void Connection::StartWrite(std::string bytes) {
  if (bytes.empty() || closed_) return;
  outgoing_.clear();
  if (!tls_) {
    outgoing_ = std::move(bytes);
  } else if (!tls_->Encrypt(bytes, outgoing_)) {
    Close();
    return Wake();
  }
  outgoing_sent_ = 0;
  writing_ = true;
  WriteSome();
}

void Connection::WriteSome() {
  socket_.async_write_some(asio::buffer(outgoing_) + outgoing_sent_,
                           [self = shared_from_this()](const error_code& error, size_t size) { self->Sent(error, size); });
}

void Connection::Sent(const error_code& error, size_t size) {
  sent_ += size;
  outgoing_sent_ += size;
  try {
    if (!error && outgoing_sent_ < outgoing_.size()) {
      WriteSome();
    } else {
      writing_ = false;
      if (error && !closed_) Close();
    }
  } catch (const std::bad_alloc&) {
    writing_ = false;
    CloseForWantOfMemory();
  }
  Wake();
}

// Tells the peer that what it has read is all, if that can be told at once.
void Connection::SayGoodbye() {
  if (!tls_ || writing_ || !socket_.is_open()) return;
  tls_->Close();
  const std::string out = tls_->TakeOutput();
  if (!out.empty()) ::send(socket_.native_handle(), out.data(), out.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
}

Awaitable<> Connection::Linger(absl::Duration limit) {
  SayGoodbye();
  error_code ignored;
  socket_.shutdown(TcpSocket::shutdown_send, ignored);
  ExpireAfter(limit);
  while (!ended() && !half_closed_) {
    input_.Consume(input_.view().size());
    StartRead();
    co_await Event();
  }
}

void Connection::Close() {
  SayGoodbye();
  closed_ = true;
  error_code ignored;
  socket_.shutdown(TcpSocket::shutdown_both, ignored);
  socket_.close(ignored);
  timer_.cancel();
}

void Connection::Reset() {
  error_code ignored;
  socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  closed_ = true;
  socket_.close(ignored);
  timer_.cancel();
}

void Connection::Abort() {
  aborted_ = true;
  Close();
  Wake();
}

}  // namespace verdict
