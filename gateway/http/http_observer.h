#pragma once

#include <cstdint>
#include <string_view>

#include "absl/time/time.h"
#include "gateway/http/http_message.h"

namespace verdict {

// A request that is over, answered or not. What it points to lives as long as OnExchange runs; `start` is by SteadyNow.
struct FinishedExchange {
  const HttpRequest& request;               // without a method: refused before anything was read
  const ExchangeNotes& notes;               // what the handler told
  std::string_view route = {};              // the pattern of its path, so one of few; empty: there is none
  std::string_view dialect = {};            // the contract of the answer; empty: none
  std::string_view caller = {};             // whose credential it carried; empty: nobody is known
  bool secure = false;                      // it came over TLS
  int status = 0;                           // of the answer; 499: the caller left before there was one
  bool refused = false;                     // by the server itself, which no handler was asked about
  bool too_many_connections = false;        // why it was refused, which the status does not tell
  bool cut_off = false;                     // an answer that did not come to its end: a streamed one, or one that we gave up
  uint64_t bytes_in = 0;                    // head and body
  uint64_t bytes_out = 0;                   // the same, of what was sent
  absl::Time start = absl::InfinitePast();  // when its first byte was there
  absl::Duration duration = {};             // until the answer was sent
};

// Why a connection had no TLS session: its peer spoke plain HTTP, or left or took too long; or anything else, such as a
// certificate that is not trusted.
enum class HandshakeFailure { kPlainHttp, kAbandoned, kOther };

// Watches a server: for metrics, traces and logs. Called on the servers' threads, also at the same time, so implementations are
// thread-safe, quick and never wait.
class HttpObserver {
 public:
  virtual ~HttpObserver() = default;

  virtual void OnConnectionOpened() {}   // one that is served
  virtual void OnConnectionClosed() {}   // of those
  virtual void OnConnectionRefused() {}  // beyond the most that may be open; the 429 that most of them get is an exchange
  virtual void OnAcceptFailed() {}       // for want of descriptors or memory; it is tried again
  virtual void OnHandshakeFailed(HandshakeFailure /*why*/) {}
  virtual void OnExchangeBegun() {}  // a head has arrived; there will be one OnExchange
  // The span of a request whose head has arrived: what becomes HttpRequest::trace. The first of several observers that answers
  // with a valid one counts.
  virtual TraceContext Begin(const HttpRequest& /*request*/) const { return {}; }
  virtual void OnExchange(const FinishedExchange& /*exchange*/) {}
};

}  // namespace verdict
