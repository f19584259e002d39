#pragma once

#include <atomic>
#include <cstdint>

namespace verdict {

// How many bytes of bodies all connections hold together. Thread-safe.
class BodyMemory {
 public:
  // Takes so many bytes, or none where more than `most` would be held.
  bool Take(uint64_t bytes, uint64_t most) {
    uint64_t held = held_.load();
    do {
      if (bytes > most || held > most - bytes) return false;
    } while (!held_.compare_exchange_weak(held, held + bytes));
    return true;
  }
  bool HasPlaceFor(uint64_t bytes, uint64_t most) const { return bytes <= most && held_ <= most - bytes; }
  void GiveBack(uint64_t bytes) { held_ -= bytes; }

 private:
  std::atomic<uint64_t> held_ = 0;
};

// What the body of one request has of it; gives it back at the end. Not thread-safe.
class BodyHold {
 public:
  // `memory` outlives it.
  BodyHold(BodyMemory& memory, uint64_t most) : memory_(memory), most_(most) {}
  ~BodyHold() { memory_.GiveBack(bytes_); }
  BodyHold(const BodyHold&) = delete;

  // Whether there is place for a body of so many bytes now; takes none of it, for a promise costs its caller nothing.
  bool HasPlaceFor(uint64_t bytes) const { return memory_.HasPlaceFor(bytes, most_); }

  // Makes it `bytes` altogether; false, and as before, where that is too much.
  bool GrowTo(uint64_t bytes) {
    if (bytes <= bytes_) return true;
    if (!memory_.Take(bytes - bytes_, most_)) return false;
    bytes_ = bytes;
    return true;
  }

 private:
  BodyMemory& memory_;
  const uint64_t most_;
  uint64_t bytes_ = 0;
};

}  // namespace verdict
