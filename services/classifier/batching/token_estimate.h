#pragma once

#include <atomic>
#include <cstdint>

namespace verdict {

// Guesses how many tokens texts will be, from their bytes and from the texts before them. Thread-safe.
class TokenEstimate {
 public:
  // `special` tokens come with every text, and no text has more than `most`, both included.
  explicit TokenEstimate(int64_t most, int64_t special = 2) : most_(most), special_(special) {}

  // That texts of so many bytes were so many tokens, special ones included; before truncation.
  void Learn(int64_t texts, int64_t bytes, int64_t tokens);

  // Of one text. Before the first was learned: the special tokens alone, which is the least it can be.
  int64_t Of(int64_t bytes) const;

 private:
  const int64_t most_, special_;
  std::atomic<double> per_byte_{0};
};

}  // namespace verdict
