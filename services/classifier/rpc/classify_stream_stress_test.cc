// Many streams at once, cancelled at random moments, read slowly, on a server that drains meanwhile: for the sanitizers.
#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/classifier/rpc/classifier_service.h"
#include "services/classifier/rpc/testing/serve.h"

namespace verdict {
namespace {

using Stream = grpc::ClientReaderWriter<v1::StreamClassifyRequest, v1::StreamClassifyResponse>;

constexpr int kMostUnanswered = 8;

// Answers on threads of its own, in any order; is overloaded and fails now and then.
class BusyClassifier : public Classifier {
 public:
  BusyClassifier() {
    for (int i = 0; i < 2; ++i) threads_.emplace_back([this, i] { Work(i); });
  }
  ~BusyClassifier() override {
    {
      const std::lock_guard lock(mutex_);
      over_ = true;
    }
    changed_.notify_all();
    for (auto& thread : threads_) thread.join();
  }

  void Classify(ClassifyRequest request, CallContext context, Done done) override {
    std::unique_lock lock(mutex_);
    const int chance = static_cast<int>(random_() % 10);
    if (chance == 0) {
      lock.unlock();
      return done(absl::ResourceExhaustedError("overloaded"));
    }
    if (chance == 1) {
      lock.unlock();
      return done(absl::InvalidArgumentError("inputs[0]: refused"));
    }
    jobs_.push_back({std::move(request), std::move(context), std::move(done)});
    lock.unlock();
    changed_.notify_one();
  }

 private:
  struct Job {
    ClassifyRequest request;
    CallContext context;
    Done done;
  };

  void Work(int seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    while (true) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [&] { return over_ || !jobs_.empty(); });
      if (jobs_.empty()) return;
      const auto chosen = jobs_.begin() + static_cast<ptrdiff_t>(random() % jobs_.size());
      Job job = std::move(*chosen);
      jobs_.erase(chosen);
      lock.unlock();
      if (job.context.IsCancelled()) {
        job.done(absl::CancelledError("the caller went away"));
        continue;
      }
      ClassifyResponse response;
      for (TextInput& input : job.request.inputs) response.results.emplace_back().labels.push_back({input.text, 1, 0});
      job.done(std::move(response));
    }
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::mt19937 random_{42};
  std::deque<Job> jobs_;
  bool over_ = false;
  std::vector<std::thread> threads_;
};

class ClassifyStreamStressTest : public testing::Test {
 protected:
  ClassifyStreamStressTest() { std::tie(server_, channel_) = ServeLocally({&service_}); }
  ~ClassifyStreamStressTest() override { server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(30)); }

  // What one caller does: `requests` of them, and a cancellation after some answers unless that is more than there are.
  struct Plan {
    int requests = 0;
    int cancel_after = 0;
    bool unordered = false;
    bool slow = false;
    size_t text_bytes = 10;
  };

  void Call(const Plan& plan, bool may_drain) {
    grpc::ClientContext context;
    const auto stub = v1::Classifier::NewStub(channel_);
    const auto stream = stub->StreamClassify(&context);
    std::thread writer([&] {
      for (int i = 0; i < plan.requests; ++i) {
        v1::StreamClassifyRequest message;
        message.set_id(std::to_string(i));
        message.set_unordered(plan.unordered);
        message.mutable_request()->add_inputs()->set_text(std::string(plan.text_bytes, 'x'));
        if (!stream->Write(message)) return;
      }
      stream->WritesDone();
    });
    std::set<std::string> seen;
    v1::StreamClassifyResponse answer;
    while (static_cast<int>(seen.size()) < plan.cancel_after && stream->Read(&answer)) {
      if (plan.slow) std::this_thread::yield();
      if (!plan.unordered) {
        EXPECT_EQ(answer.id(), std::to_string(seen.size()));
      }
      EXPECT_TRUE(seen.insert(answer.id()).second) << "answered twice";
    }
    const bool cancels = static_cast<int>(seen.size()) == plan.cancel_after;
    if (cancels) context.TryCancel();
    writer.join();
    while (stream->Read(&answer)) {
    }
    const grpc::Status status = stream->Finish();
    if (cancels || (may_drain && status.error_code() == grpc::StatusCode::UNAVAILABLE)) return;
    EXPECT_TRUE(status.ok()) << status.error_message();
    EXPECT_EQ(seen.size(), static_cast<size_t>(plan.requests));
  }

  void CallFromEverywhere(bool may_drain) {
    std::vector<std::thread> callers;
    for (int t = 0; t < 12; ++t) {
      callers.emplace_back([this, t, may_drain] {
        std::mt19937 random(static_cast<unsigned>(t));
        for (int i = 0; i < 5; ++i) {
          Plan plan{.requests = static_cast<int>(random() % 60), .unordered = t % 2 == 0, .slow = t % 3 == 0};
          plan.cancel_after = t % 4 == 0 ? static_cast<int>(random() % 60) : plan.requests + 1;
          if (t == 5) plan.text_bytes = 100'000;  // more than HTTP/2's window holds
          Call(plan, may_drain);
        }
      });
    }
    if (may_drain) service_.Drain();
    for (auto& caller : callers) caller.join();
  }

  BusyClassifier classifier_;
  ClassifierService service_{classifier_, {.max_unanswered = kMostUnanswered, .max_unanswered_bytes = 300'000}};
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
};

TEST_F(ClassifyStreamStressTest, EveryRequestHasOneAnswer) { CallFromEverywhere(false); }

TEST_F(ClassifyStreamStressTest, ADrainBreaksNothing) { CallFromEverywhere(true); }

// The caller never reads: the stream stops reading, and a cancellation still ends it.
TEST_F(ClassifyStreamStressTest, ACallerThatNeverReadsIsHeldBackAndCanLeave) {
  grpc::ClientContext context;
  const auto stub = v1::Classifier::NewStub(channel_);
  const auto stream = stub->StreamClassify(&context);
  std::mutex mutex;
  std::condition_variable written;
  int count = 0;
  std::thread writer([&] {
    v1::StreamClassifyRequest message;
    message.mutable_request()->add_inputs()->set_text(std::string(100'000, 'x'));
    while (stream->Write(message)) {
      const std::lock_guard lock(mutex);
      ++count;
      written.notify_all();
    }
  });
  {
    std::unique_lock lock(mutex);
    written.wait(lock, [&] { return count >= 5; });
  }
  context.TryCancel();
  writer.join();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
}

}  // namespace
}  // namespace verdict
