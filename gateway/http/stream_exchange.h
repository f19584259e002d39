#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "absl/functional/any_invocable.h"
#include "gateway/http/connection.h"
#include "gateway/http/http_stream.h"
#include "gateway/http/output_backlog.h"

namespace verdict {

// One streamed answer between the sink that writes it and the connection that sends it. Used on the connection's thread.
class StreamExchange final : public HttpStream, public std::enable_shared_from_this<StreamExchange> {
 public:
  struct Setup {
    std::shared_ptr<Connection> connection;
    OutputBacklog::Limits limits;
    bool chunked = true;                                          // else the end of the answer is that of the connection
    absl::AnyInvocable<std::string(HttpResponse response)> head;  // status line and fields as they are sent
  };

  explicit StreamExchange(Setup setup) : setup_(std::move(setup)), backlog_(setup_.limits) {}

  // HttpStream:
  void Respond(HttpResponse response) override;
  void Begin(HttpResponse head) override;
  void Write(std::string_view bytes) override;
  void Finish() override;
  void Abort(std::string_view why) override;
  bool begun() const override { return begun_; }
  bool writable() const override { return !backlog_.full(); }
  void RunAfter(absl::Duration delay, absl::AnyInvocable<void()> work) override;
  StreamExecutor executor() const override;

  // For the session:
  void BodyEnded() { arriving_ = false; }
  // Hands the connection what it can take.
  void Send();
  std::optional<HttpResponse>& whole() { return whole_; }  // what Respond was given
  bool over() const { return whole_ || !broken_.empty() || (finished_ && backlog_.empty() && !setup_.connection->writing()); }
  const std::string& broken() const { return broken_; }  // why the answer was given up; empty: it was not
  int status() const { return status_; }
  const ExchangeNotes& notes() const { return notes_; }  // of the head

 private:
  bool open() const { return !whole_ && !finished_ && broken_.empty(); }
  void AppendPiece(std::string_view bytes);

  Setup setup_;
  OutputBacklog backlog_;
  std::optional<HttpResponse> whole_;
  std::string broken_;
  int status_ = 0;
  ExchangeNotes notes_;
  bool begun_ = false;
  bool finished_ = false;
  bool arriving_ = true;  // the request; only then its caller may be one who reads nothing yet
};

}  // namespace verdict
