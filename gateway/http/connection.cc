#include "gateway/http/connection.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <utility>

#include "boost/asio/async_result.hpp"
#include "boost/asio/buffer.hpp"
#include "boost/asio/redirect_error.hpp"
#include "boost/asio/write.hpp"

namespace verdict {

namespace asio = boost::asio;
using boost::system::error_code;

Connection::Connection(TcpSocket socket) : socket_(std::move(socket)), executor_(socket_.get_executor()), timer_(executor_) {}

void Connection::StartRead() {
  if (reading_ || closed_ || half_closed_ || aborted_) return;
  reading_ = true;
  socket_.async_read_some(asio::buffer(incoming_),
                          [self = shared_from_this()](const error_code& error, size_t size) { self->Received(error, size); });
}

void Connection::Received(const error_code& error, size_t size) {
  reading_ = false;
  if (error == asio::error::eof) {
    half_closed_ = true;
  } else if (error) {
    closed_ = true;
  } else {
    received_ += size;
    input_.Append(incoming_.data(), size);
  }
  Wake();
}

bool Connection::IsReset() const {
  tcp_info info = {};
  socklen_t size = sizeof(info);
  // The native handle is there to be asked; asio only wants it from an object that may change.
  const int descriptor = const_cast<TcpSocket&>(socket_).native_handle();
  return getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0 || info.tcpi_state == TCP_CLOSE;
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
  timer_set_for_ = time;
  timer_.expires_at(time);
  timer_.async_wait([weak = weak_from_this()](const error_code& error) {
    if (error == asio::error::operation_aborted) return;
    if (const auto self = weak.lock()) self->TimerFired();
  });
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
  outgoing_ = std::move(bytes);
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
  if (!error && outgoing_sent_ < outgoing_.size()) {
    WriteSome();
  } else {
    writing_ = false;
    if (error && !closed_) Close();
  }
  Wake();
}

Awaitable<> Connection::Linger(absl::Duration limit) {
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
