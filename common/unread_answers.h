#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <utility>

#include "absl/functional/any_invocable.h"

namespace verdict {

// Answers that are ready and have not been sent: an answer is kept until its caller has room for it, and a caller may never have.
// Where they are too many bytes together, the oldest are given up: those of callers who do not read, and, where many large
// answers go out over slow connections, of those who read most slowly. The newest is kept, however large it is. Thread-safe.
class UnreadAnswers {
 public:
  // Ends whatever sends an answer, soon and on another thread: it must not end the entry before it returns. Called once at most.
  using GiveUp = absl::AnyInvocable<void()>;

  explicit UnreadAnswers(int64_t most) : most_(most) {}

  // An answer, from when it is ready until this ends. Once it has ended, GiveUp is not called and does not run.
  class Entry {
   public:
    Entry() = default;
    Entry(Entry&& from) noexcept : answers_(std::move(from.answers_)), number_(from.number_) {}
    Entry& operator=(Entry&& from) noexcept;
    ~Entry() { Remove(); }

   private:
    friend class UnreadAnswers;
    Entry(std::shared_ptr<UnreadAnswers> answers, uint64_t number) : answers_(std::move(answers)), number_(number) {}
    void Remove();

    std::shared_ptr<UnreadAnswers> answers_;  // null: it stands for nothing
    uint64_t number_ = 0;
  };

  // Without `answers`, which are shared with all entries, there is no limit.
  static Entry Add(const std::shared_ptr<UnreadAnswers>& answers, int64_t bytes, GiveUp give_up);

  // How many answers have been given up.
  uint64_t given_up() const;

 private:
  struct Answer {
    int64_t bytes;
    GiveUp give_up;
  };
  void GiveUpOldest();  // needs mutex_

  const int64_t most_;
  mutable std::mutex mutex_;
  std::map<uint64_t, Answer> answers_;  // by when they were ready
  uint64_t next_number_ = 0;
  int64_t bytes_ = 0;
  uint64_t given_up_ = 0;
};

}  // namespace verdict
