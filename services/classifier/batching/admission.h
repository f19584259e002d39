#pragma once

#include <cstdint>
#include <mutex>

#include "absl/status/statusor.h"

namespace verdict {

// Bounds the work that is in the process at one time, so that its memory is bounded and overload is refused before any text is
// tokenised. Thread-safe. Must outlive its permits.
class Admission {
 public:
  struct Limits {
    int64_t texts = 4096;       // most texts admitted at one time
    int64_t bytes = 256 << 20;  // most bytes of text admitted at one time
  };

  // The right to work on some texts; gives it back when destroyed. Movable.
  class Permit {
   public:
    Permit() = default;
    Permit(Permit&& other) noexcept;
    Permit& operator=(Permit&& other) noexcept;
    ~Permit();

   private:
    friend class Admission;
    Permit(Admission* owner, int64_t texts, int64_t bytes) : owner_(owner), texts_(texts), bytes_(bytes) {}

    Admission* owner_ = nullptr;
    int64_t texts_ = 0;
    int64_t bytes_ = 0;
  };

  explicit Admission(const Limits& limits) : limits_(limits) {}

  // Admits `texts` texts of `bytes` bytes together, or nothing of them. Errors: kInvalidArgument when the limits can never admit
  // that much, kResourceExhausted when they cannot now.
  absl::StatusOr<Permit> Admit(int64_t texts, int64_t bytes);

 private:
  void Return(int64_t texts, int64_t bytes);

  const Limits limits_;
  std::mutex mutex_;
  int64_t texts_ = 0;
  int64_t bytes_ = 0;
};

}  // namespace verdict
