#include "telemetry/span_queue.h"

#include <condition_variable>
#include <mutex>
#include <string>
#include <utility>

#include "common/logging.h"
#include "common/steady_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::Not;

// Answers as it is told, and holds an export when it shall.
class FakeExporter final : public SpanExporter {
 public:
  struct Book {
    std::mutex mutex;
    std::condition_variable change;
    std::vector<std::vector<std::string>> exports;  // names of the spans
    std::vector<Outcome> outcomes;                  // of the next ones; then OK
    bool hold = false, cancelled = false;

    void Await(size_t exported) {
      std::unique_lock lock(mutex);
      change.wait(lock, [&] { return exports.size() >= exported; });
    }
    void Release() {
      const std::lock_guard lock(mutex);
      hold = false;
      change.notify_all();
    }
  };

  explicit FakeExporter(Book& book) : book_(book) {}

  Outcome Export(const std::vector<Span>& spans, absl::Time) override {
    std::unique_lock lock(book_.mutex);
    std::vector<std::string>& names = book_.exports.emplace_back();
    for (const Span& span : spans) names.push_back(span.name);
    book_.change.notify_all();
    book_.change.wait(lock, [this] { return !book_.hold || book_.cancelled; });
    if (book_.cancelled) return {.status = absl::CancelledError("cancelled")};
    if (book_.outcomes.empty()) return {};
    const Outcome outcome = book_.outcomes.front();
    book_.outcomes.erase(book_.outcomes.begin());
    return outcome;
  }

  void Cancel() override {
    const std::lock_guard lock(book_.mutex);
    book_.cancelled = true;
    book_.change.notify_all();
  }

 private:
  Book& book_;
};

class SpanQueueTest : public testing::Test {
 protected:
  // Sends as soon as there is one batch, or at Close.
  SpanQueue& Start(SpanQueue::Options options) {
    options.first_pause = options.longest_pause = absl::Milliseconds(1);
    options.delay = absl::Hours(1);
    return *(queue_ = std::make_unique<SpanQueue>(std::make_unique<FakeExporter>(book_), options));
  }
  void Add(std::initializer_list<const char*> names) {
    for (const char* name : names) queue_->Add({.name = name});
  }

  FakeExporter::Book book_;
  std::unique_ptr<SpanQueue> queue_;
};

const SpanExporter::Outcome kAway{.status = absl::UnavailableError("away"), .retry = true};
const SpanExporter::Outcome kRefused{.status = absl::InvalidArgumentError("no")};

TEST_F(SpanQueueTest, SendsABatchWhenThereIsOneAndTheRestAtTheEnd) {
  Start({.batch = 2});
  Add({"a", "b", "c"});
  book_.Await(1);
  queue_->Close(absl::InfiniteFuture());
  EXPECT_THAT(book_.exports, ElementsAre(ElementsAre("a", "b"), ElementsAre("c")));
  EXPECT_EQ(queue_->counts().exported, 3u);
  EXPECT_EQ(queue_->counts().waiting, 0u);
}

TEST_F(SpanQueueTest, SendsWhatIsOldThoughItIsNoBatch) {
  queue_ = std::make_unique<SpanQueue>(std::make_unique<FakeExporter>(book_), SpanQueue::Options{.delay = absl::Milliseconds(1)});
  Add({"a"});
  book_.Await(1);
}

TEST_F(SpanQueueTest, DropsAndCountsWhatFindsNoRoomWithoutWaiting) {
  book_.hold = true;
  Start({.capacity = 3, .batch = 1});
  Add({"a"});
  book_.Await(1);  // held in its export, where it still counts
  Add({"b", "c", "d", "e"});
  EXPECT_EQ(queue_->counts().dropped_full, 2u);
  EXPECT_EQ(queue_->counts().waiting, 3u);
  book_.Release();
  queue_->Close(absl::InfiniteFuture());
  EXPECT_EQ(queue_->counts().exported, 3u);
}

TEST_F(SpanQueueTest, TriesAgainWhereThatMayHelp) {
  book_.outcomes = {kAway, kAway};
  Start({.batch = 1});
  Add({"a"});
  book_.Await(3);
  queue_->Close(absl::InfiniteFuture());
  EXPECT_EQ(book_.exports.size(), 3u);
  EXPECT_EQ(queue_->counts().exported, 1u);
  EXPECT_EQ(queue_->counts().failed_exports, 2u);
}

TEST_F(SpanQueueTest, GivesABatchUpAfterSoManyTriesOrWhenItIsRefused) {
  book_.outcomes = {kAway, kAway, kRefused};
  Start({.batch = 1, .tries = 2});
  Add({"a", "b", "c"});
  book_.Await(4);
  queue_->Close(absl::InfiniteFuture());
  EXPECT_THAT(book_.exports, ElementsAre(ElementsAre("a"), ElementsAre("a"), ElementsAre("b"), ElementsAre("c")));
  EXPECT_EQ(queue_->counts().dropped_failed, 2u);
  EXPECT_EQ(queue_->counts().exported, 1u);
}

TEST_F(SpanQueueTest, CountsWhatTheReceiverWouldNotTake) {
  book_.outcomes = {{.status = absl::OkStatus(), .rejected = 1}};
  Start({.batch = 3});
  Add({"a", "b", "c"});
  book_.Await(1);
  queue_->Close(absl::InfiniteFuture());
  EXPECT_EQ(queue_->counts().dropped_failed, 1u);
  EXPECT_EQ(queue_->counts().exported, 2u);
}

TEST_F(SpanQueueTest, ClosesInTimeThoughTheReceiverHangs) {
  book_.hold = true;
  Start({.batch = 1});
  Add({"a", "b"});
  book_.Await(1);
  queue_->Close(SteadyNow() + absl::Milliseconds(10));
  EXPECT_EQ(queue_->counts().dropped_failed, 2u);
  Add({"late"});
  EXPECT_EQ(queue_->counts().dropped_full, 1u);
}

TEST_F(SpanQueueTest, AsksAReceiverThatIsAwayOnlyOnceMoreWhenItCloses) {
  book_.outcomes = {kAway, kAway, kAway, kAway};
  Start({.batch = 1, .tries = 100});
  book_.hold = true;
  Add({"a", "b", "c"});
  book_.Await(1);
  book_.Release();
  queue_->Close(absl::InfiniteFuture());
  EXPECT_LE(book_.exports.size(), 6u);  // not three times a hundred
}

TEST_F(SpanQueueTest, TellsOnceThatItFailsAndOnceThatItWorksAgain) {
  InitLogging("test", LogLevel::kInfo);
  testing::internal::CaptureStderr();
  book_.outcomes = {kAway, kAway, kAway};
  Start({.batch = 1});
  Add({"a"});
  book_.Await(4);
  queue_->Close(absl::InfiniteFuture());
  const std::string log = testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("traces cannot be exported"));
  EXPECT_THAT(log, HasSubstr("traces are exported again"));
  const std::string rest = log.substr(log.find("cannot be exported") + 1);
  EXPECT_THAT(rest, Not(HasSubstr("cannot be exported")));
}

}  // namespace
}  // namespace verdict
