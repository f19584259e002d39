#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "common/steady_clock.h"
#include "services/classifier/api/backend.h"

namespace verdict {

// Knows the forward passes that run and the requests that wait for one, and finds passes that should have ended long ago and
// queues that do not move: a model that is stuck answers nobody any more, and no error says so. Thread-safe; outlives what it
// watches.
class ForwardWatch {
 public:
  struct Options {
    // What any pass may take, and how long a queue may stand still while none runs. A long pass may take longer: twenty times
    // what its tokens have taken on this machine so far.
    absl::Duration allowed = absl::Minutes(1);
    // The clock; a test sets its own.
    std::function<absl::Time()> now = SteadyNow;
  };
  struct Stuck {
    std::string model;
    int lane = 0;
    int64_t tokens = 0;  // of the pass that does not end; 0: it is the queue that does not move
    absl::Duration since;
  };

  // A request that waits for its answer, for as long as this lives.
  class Waiting {
   public:
    Waiting() = default;
    Waiting(Waiting&& other) noexcept : watch_(std::exchange(other.watch_, nullptr)), model_(std::move(other.model_)) {}
    Waiting& operator=(Waiting&& other) noexcept {
      Waiting old(std::move(*this));
      watch_ = std::exchange(other.watch_, nullptr);
      model_ = std::move(other.model_);
      return *this;
    }
    ~Waiting() {
      if (watch_ != nullptr) watch_->Leave(model_);
    }

   private:
    friend class ForwardWatch;
    Waiting(ForwardWatch* watch, std::string model) : watch_(watch), model_(std::move(model)) {}

    ForwardWatch* watch_ = nullptr;
    std::string model_;
  };

  explicit ForwardWatch(Options options) : options_(std::move(options)) {}

  // The same backend, watched.
  std::unique_ptr<Backend> Watch(std::string model, std::unique_ptr<Backend> backend);

  // A request for a model begins to wait.
  Waiting Enter(const std::string& model);

  // A pass or a queue that is stuck.
  std::optional<Stuck> FindStuck() const;

 private:
  class WatchedBackend;
  struct Pass {
    const std::string* model;
    int lane;
    int64_t tokens;
    absl::Time began;
  };

  struct Queue {
    int64_t waiting = 0;
    absl::Time moved;  // when a request last came to an empty queue, or left
  };

  void Leave(const std::string& model);
  bool IsRunning(const std::string& model) const;  // needs mutex_
  uint64_t Begin(const std::string& model, const Lane& lane, int64_t tokens);
  void End(uint64_t pass);

  const Options options_;
  mutable std::mutex mutex_;
  std::map<uint64_t, Pass> passes_;      // in order of their beginning
  std::map<std::string, Queue> queues_;  // of models for which requests wait
  uint64_t last_ = 0;
  absl::Duration per_token_;  // of late
};

}  // namespace verdict
