#pragma once

#include <array>
#include <cstdint>
#include <optional>

#include "absl/time/time.h"

namespace verdict {

// How long a pass of so many tokens takes, learned from the passes that ran: a moving average for each power of two of tokens,
// since neither a fixed cost nor a constant rate describes passes from ten to thousands of tokens. Adapts within some ten passes
// when the machine becomes slower or faster; one pass that was held up hardly counts. Not thread-safe.
class PassTimes {
 public:
  void Learn(int64_t tokens, absl::Duration took);

  // Of a size that has not been seen, from the nearest that was (the smaller, where two are as near), in proportion. Nothing
  // before the first pass.
  std::optional<absl::Duration> Of(int64_t tokens) const;

 private:
  static constexpr int kSizes = 24;

  struct Average {
    double tokens = 0, seconds = 0;  // 0: not seen
  };
  static int SizeOf(int64_t tokens);
  const Average* Nearest(int size) const;

  std::array<Average, kSizes> averages_;
};

}  // namespace verdict
