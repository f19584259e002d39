#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "gateway/http/input_buffer.h"
#include "gateway/http/io_types.h"
#include "gateway/http/tls_session.h"

namespace verdict {

// A TCP connection whose reading goes on while its session waits for something else: that is how a session hears, during an RPC,
// that the caller has gone away, and how a pipelined request is not lost. Events (bytes came, the peer closed, time ran out,
// aborted, woken) are awaited in one place, Event(), and then looked up. Shared by its session and the operations under way;
// everything but the constructor runs on the connection's executor. With a TlsSession, all that is read and written goes through
// it.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  explicit Connection(TcpSocket socket, std::unique_ptr<TlsSession> tls = nullptr);

  // Before anything else; without TLS there is nothing to do. False: the connection failed, or the limit passed.
  Awaitable<bool> Handshake();
  const TlsSession* tls() const { return tls_.get(); }

  const IoExecutor& executor() const { return executor_; }

  std::string_view input() const { return input_.view(); }
  void Consume(size_t size) { input_.Consume(size); }
  size_t received() const { return received_; }  // bytes that ever arrived, decrypted

  // Whether the peer has reset the connection, which is how one that is gone answers bytes that it is sent.
  bool IsReset() const;

  // Starts to read unless that is under way or in vain.
  void StartRead();

  bool closed() const { return closed_; }            // by us, or by a failure such as the peer's reset
  bool half_closed() const { return half_closed_; }  // the peer sends no more; whether it still reads is not known
  bool expired() const { return expired_; }          // ExpireAfter's time passed
  bool aborted() const { return aborted_; }          // by Abort
  bool ended() const { return closed_ || expired_ || aborted_; }

  // Limits how long the session may go on waiting, from now; replaces the limit before. Cheap: the timer is touched only when the
  // new limit is earlier than what it waits for.
  void ExpireAfter(absl::Duration limit);
  void NeverExpire();

  // Waits for the next event; returns at once when one happened since the last call. One caller at a time.
  Awaitable<> Event();
  void Wake();

  // Sends both; false when the connection failed or the limit passed first, which closes it.
  Awaitable<bool> Write(std::string_view head, std::string_view body);

  // Sends `bytes` while the session does something else; one at a time (see writing()), and none beside Write. Its end is an
  // event.
  void StartWrite(std::string bytes);
  bool writing() const { return writing_; }
  uint64_t sent() const { return sent_; }  // bytes that StartWrite has ever sent, encrypted

  // Ends the answer, then reads and drops what the peer still sends, until it closes or `limit` passes: closing at once would
  // reset the connection and could take the answer away from the peer.
  Awaitable<> Linger(absl::Duration limit);

  void Close();
  void Abort();
  // Closes so that the peer learns of a failure: what it has read so far is not all.
  void Reset();

 private:
  void Received(const boost::system::error_code& error, size_t size);
  bool Take(const boost::system::error_code& error, size_t size);  // what a read brought; whether that is an event
  void CloseForWantOfMemory();
  bool Decrypt();  // whether that has brought an event
  Awaitable<bool> WriteEncrypted(std::string_view head, std::string_view body);
  Awaitable<bool> WritePlain(std::string_view head, std::string_view body);
  void SayGoodbye();
  void WriteSome();
  void Sent(const boost::system::error_code& error, size_t size);
  void WaitUntil(IoClock::time_point time);
  void TimerFired();

  TcpSocket socket_;
  const std::unique_ptr<TlsSession> tls_;
  const IoExecutor executor_;
  IoTimer timer_;
  IoClock::time_point deadline_ = IoClock::time_point::max();
  IoClock::time_point timer_set_for_ = IoClock::time_point::max();
  std::array<char, 16 * 1024> incoming_;  // where the read under way puts its bytes
  InputBuffer input_;
  size_t received_ = 0;
  std::string outgoing_;  // of StartWrite
  size_t outgoing_sent_ = 0;
  uint64_t sent_ = 0;
  bool reading_ = false;
  bool writing_ = false;
  bool closed_ = false;
  bool half_closed_ = false;
  bool expired_ = false;
  bool aborted_ = false;
  bool woken_ = false;
  absl::AnyInvocable<void()> waiter_;
};

}  // namespace verdict
