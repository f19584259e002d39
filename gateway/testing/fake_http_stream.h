#pragma once

#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "absl/functional/any_invocable.h"
#include "gateway/http/http_stream.h"

namespace verdict {

// A stream without a connection: keeps what is written, and runs what is brought to it when the test says so. Its time passes at
// once. The executor may be called from any thread; the rest is for the test's.
class FakeHttpStream final : public HttpStream {
 public:
  void Respond(HttpResponse response) override { response_ = std::move(response); }
  void Begin(HttpResponse head) override {
    written_ = std::exchange(head.body, {});
    head_ = std::move(head);
  }
  void Write(std::string_view bytes) override { written_ += bytes; }
  void Finish() override { finished_ = true; }
  void Abort(std::string_view) override {}
  bool begun() const override { return head_.has_value(); }
  bool writable() const override { return writable_; }
  void RunAfter(absl::Duration delay, absl::AnyInvocable<void()> work) override {
    waited_ += delay;
    executor()(std::move(work));
  }
  StreamExecutor executor() const override {
    return [queue = queue_](absl::AnyInvocable<void()> work) {
      const std::lock_guard lock(queue->mutex);
      queue->work.push_back(std::move(work));
    };
  }

  // Runs what has been brought, and what that brings, until there is nothing more or so many have run.
  void RunAll(int most = 100'000) {
    for (absl::AnyInvocable<void()> work; most > 0 && (work = Next()); --most) work();
  }

  const std::optional<HttpResponse>& response() const { return response_; }
  const std::optional<HttpResponse>& head() const { return head_; }
  const std::string& written() const { return written_; }
  bool finished() const { return finished_; }
  absl::Duration waited() const { return waited_; }
  void SetWritable(bool writable) { writable_ = writable; }

 private:
  struct Queue {
    std::mutex mutex;
    std::deque<absl::AnyInvocable<void()>> work;
  };

  absl::AnyInvocable<void()> Next() {
    const std::lock_guard lock(queue_->mutex);
    if (queue_->work.empty()) return nullptr;
    auto work = std::move(queue_->work.front());
    queue_->work.pop_front();
    return work;
  }

  std::shared_ptr<Queue> queue_ = std::make_shared<Queue>();
  std::optional<HttpResponse> response_, head_;
  std::string written_;
  bool finished_ = false;
  bool writable_ = true;
  absl::Duration waited_;
};

}  // namespace verdict
