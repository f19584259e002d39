#pragma once

#include <cstdint>
#include <functional>
#include <mutex>
#include <string>

#include "absl/status/statusor.h"
#include "process/memory_limit.h"

namespace verdict {

// Decides whether one more model fits into memory. Models take what was promised to them only when requests come, so that what is
// used now is not the whole truth: as used counts what is measured, or, when that is more, what was used before the first model
// and all that has been promised since. A twentieth of the limit is kept free for everything else. Thread-safe; outlives its
// promises.
class MemoryBudget {
 public:
  // Memory that is set aside for one model until the promise goes. Movable.
  class Promise {
   public:
    Promise() = default;
    Promise(Promise&& other) noexcept;
    Promise& operator=(Promise&& other) noexcept;
    ~Promise();

    int64_t bytes() const { return bytes_; }
    // Less, once it is clear that less is enough.
    void ShrinkTo(int64_t bytes);

   private:
    friend class MemoryBudget;
    Promise(MemoryBudget* owner, int64_t bytes) : owner_(owner), bytes_(bytes) {}

    MemoryBudget* owner_ = nullptr;
    int64_t bytes_ = 0;
  };

  // `measure` tells the memory that is used now, of what limit; called on any thread.
  explicit MemoryBudget(std::function<MemoryState()> measure);

  // Sets `bytes` aside for the model `name`. Error: kResourceExhausted with estimate, left and limit.
  absl::StatusOr<Promise> Reserve(const std::string& name, int64_t bytes);

  // The same whatever is left, for a model that is loaded in any case.
  Promise Note(int64_t bytes);

 private:
  void GiveBack(int64_t bytes);

  const std::function<MemoryState()> measure_;
  const int64_t before_;  // used before there were models
  std::mutex mutex_;
  int64_t promised_ = 0;
};

}  // namespace verdict
