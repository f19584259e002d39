#include "common/unread_answers.h"

namespace verdict {

UnreadAnswers::Entry& UnreadAnswers::Entry::operator=(Entry&& from) noexcept {
  if (this == &from) return *this;
  Remove();
  answers_ = std::move(from.answers_);
  number_ = from.number_;
  return *this;
}

void UnreadAnswers::Entry::Remove() {
  const std::shared_ptr<UnreadAnswers> answers = std::exchange(answers_, nullptr);
  if (answers == nullptr) return;
  const std::lock_guard lock(answers->mutex_);
  const auto found = answers->answers_.find(number_);
  if (found == answers->answers_.end()) return;  // given up
  answers->bytes_ -= found->second.bytes;
  answers->answers_.erase(found);
}

UnreadAnswers::Entry UnreadAnswers::Add(const std::shared_ptr<UnreadAnswers>& answers, int64_t bytes, GiveUp give_up) {
  Entry added;
  if (answers == nullptr) return added;
  const std::lock_guard lock(answers->mutex_);  // ends before `added`, where giving up fails for want of memory
  const uint64_t number = answers->next_number_++;
  answers->answers_.emplace(number, Answer{bytes, std::move(give_up)});
  added = Entry(answers, number);
  answers->bytes_ += bytes;
  while (answers->bytes_ > answers->most_ && answers->answers_.size() > 1) answers->GiveUpOldest();
  return added;
}

void UnreadAnswers::GiveUpOldest() {
  const auto oldest = answers_.begin();
  oldest->second.give_up();
  bytes_ -= oldest->second.bytes;
  answers_.erase(oldest);
  ++given_up_;
}

uint64_t UnreadAnswers::given_up() const {
  const std::lock_guard lock(mutex_);
  return given_up_;
}

}  // namespace verdict
