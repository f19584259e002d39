#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "absl/time/time.h"
#include "gateway/http/http_message.h"

namespace verdict {

// Brings work that is done elsewhere back to a stream: runs a function on the stream's thread, soon, or drops it when the
// exchange is over. May be called from any thread, as long as the server lives.
using StreamExecutor = std::function<void(absl::AnyInvocable<void()> work)>;

// The answer to a request whose body is read as it arrives. Either one whole answer (Respond), or a head and then pieces, sent in
// chunks, or until the connection closes for a caller that speaks HTTP/1.0. Belongs to the connection; used on its thread only.
class HttpStream {
 public:
  virtual ~HttpStream() = default;

  // Answers as any route does, in place of Begin; the rest of the request is not read.
  virtual void Respond(HttpResponse response) = 0;

  // The head of the answer; what `head` has as its body is the first piece.
  virtual void Begin(HttpResponse head) = 0;
  // Takes a piece of any size, without waiting. A well-behaved sink asks for no more data while `writable()` is false.
  virtual void Write(std::string_view bytes) = 0;
  virtual void Finish() = 0;
  // Gives up an answer that has begun. Its status is gone, so the connection ends in a way that tells it from a whole answer;
  // `why` is logged.
  virtual void Abort(std::string_view why) = 0;

  virtual bool begun() const = 0;
  // Whether what was written has found its place: sent, in memory, or, while the request is still arriving, in a file.
  virtual bool writable() const = 0;

  // Runs `work` on this thread after the delay, unless the exchange is over by then.
  virtual void RunAfter(absl::Duration delay, absl::AnyInvocable<void()> work) = 0;
  virtual StreamExecutor executor() const = 0;
};

// What takes the body of one request. Called on the connection's thread only, where it must not block. Destroyed when the
// exchange is over; where that is before it has finished the answer, the caller has left or time ran out, and it gives up its
// work.
class StreamSink {
 public:
  virtual ~StreamSink() = default;

  // Whether Data would be welcome; looked at after every call and after everything the executor has run.
  virtual bool wants_data() const = 0;
  // Whether it keeps all that comes, as if it were no stream: then the time limits of whole bodies hold.
  virtual bool keeps_body() const { return false; }
  virtual void Data(std::string_view bytes) = 0;
  virtual void End() = 0;  // the body is complete
};

// Begins an exchange. The head (a request with an empty body) and the stream outlive the sink. An answer by Respond may be given
// at once, with or without a sink; null without an answer is a mistake.
using StreamHandler = std::function<std::unique_ptr<StreamSink>(const HttpRequest& head, HttpStream& stream)>;

// Of which requests a route reads the body as it arrives, and who takes it.
struct StreamRoute {
  std::function<bool(const HttpRequest& head)> takes;  // empty: none
  StreamHandler open;
  std::string dialect = {};  // the contract; see FinishedExchange
};

}  // namespace verdict
