#include "gateway/http/stream_exchange.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/asio/post.hpp"

namespace verdict {

namespace asio = boost::asio;

namespace {

// What one write hands to the kernel.
constexpr size_t kPiece = 64 * 1024;

// Runs the work where the stream still is, and lets its session look at what has changed.
void Run(const std::weak_ptr<const StreamExchange>& stream, const std::weak_ptr<Connection>& connection,
         absl::AnyInvocable<void()>& work) {
  const auto alive = stream.lock();
  const auto connected = connection.lock();
  if (!alive || !connected) return;
  work();
  connected->Wake();
}

}  // namespace

void StreamExchange::Respond(HttpResponse response) {
  if (!begun_ && open()) whole_ = std::move(response);
}

void StreamExchange::Begin(HttpResponse head) {
  if (begun_ || !open()) return;
  begun_ = true;
  status_ = head.status;
  notes_ = std::move(head.notes);
  const std::string first = std::exchange(head.body, {});
  backlog_.Append(setup_.head(std::move(head)), arriving_);
  AppendPiece(first);
}

void StreamExchange::AppendPiece(std::string_view bytes) {
  if (bytes.empty()) return;  // an empty chunk would be the last
  if (!setup_.chunked) return backlog_.Append(bytes, arriving_);
  std::string chunk = absl::StrCat(absl::Hex(bytes.size()), "\r\n");
  chunk.append(bytes).append("\r\n");
  backlog_.Append(chunk, arriving_);
}

void StreamExchange::Write(std::string_view bytes) {
  if (begun_ && open()) AppendPiece(bytes);
}

void StreamExchange::Finish() {
  if (!begun_ || !open()) return;
  if (setup_.chunked) backlog_.Append("0\r\n\r\n", arriving_);
  finished_ = true;
}

void StreamExchange::Abort(std::string_view why) {
  if (!open()) return;
  broken_ = why.empty() ? "given up" : std::string(why);
}

void StreamExchange::Send() {
  if (setup_.connection->writing() || backlog_.empty()) return;
  std::string piece = backlog_.Take(kPiece);
  if (backlog_.failed()) {
    broken_ = "the temporary file with what the caller had not read yet cannot be read";
    return;
  }
  setup_.connection->StartWrite(std::move(piece));
}

StreamExecutor StreamExchange::executor() const {
  return [executor = setup_.connection->executor(), stream = weak_from_this(),
          connection = std::weak_ptr(setup_.connection)](absl::AnyInvocable<void()> work) {
    // Posted even from this thread: a reply that comes at once shall not run inside the call that asked for it.
    asio::post(executor, [stream, connection, work = std::move(work)]() mutable { Run(stream, connection, work); });
  };
}

void StreamExchange::RunAfter(absl::Duration delay, absl::AnyInvocable<void()> work) {
  auto timer = std::make_shared<IoTimer>(setup_.connection->executor(), absl::ToChronoNanoseconds(delay));
  timer->async_wait([timer, stream = weak_from_this(), connection = std::weak_ptr(setup_.connection),
                     work = std::move(work)](const boost::system::error_code&) mutable { Run(stream, connection, work); });
}

}  // namespace verdict
