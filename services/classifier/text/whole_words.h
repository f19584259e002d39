#pragma once

#include <atomic>
#include <cstdint>
#include <memory>

namespace verdict {

// Which words of a vocabulary become one token, found out when a word is first asked for: a vocabulary of a quarter of a million
// would take as long to load as everything else together. Threads that ask at once find out the same, so all may ask.
class WholeWords {
 public:
  WholeWords() = default;
  explicit WholeWords(size_t words) : states_(std::make_unique<std::atomic<State>[]>(words)) {}

  // `find_out` says it, always the same for a word; ids start at 0.
  template <typename FindOut>
  bool Contains(int32_t id, FindOut find_out) const {
    std::atomic<State>& state = states_[static_cast<size_t>(id)];
    const State known = state.load(std::memory_order_relaxed);
    if (known != State::kUnknown) return known == State::kWhole;
    const bool whole = find_out();
    state.store(whole ? State::kWhole : State::kSeveral, std::memory_order_relaxed);
    return whole;
  }

 private:
  enum class State : uint8_t { kUnknown, kWhole, kSeveral };

  std::unique_ptr<std::atomic<State>[]> states_;
};

}  // namespace verdict
