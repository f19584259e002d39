#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

namespace verdict {

// How much of the files' common limit is in use. Thread-safe.
class SpillUse {
 public:
  // Takes so many bytes, or none where more than `most` would be in use.
  bool Take(uint64_t bytes, uint64_t most);
  void GiveBack(uint64_t bytes) { used_ -= bytes; }

 private:
  std::atomic<uint64_t> used_ = 0;
};

// Bytes of an answer that the socket has not taken: the newest in memory, and in a temporary file without a name ($TMPDIR, else
// /tmp) what went over the limit of memory while a spill was allowed. Not thread-safe.
class OutputBacklog {
 public:
  struct Limits {
    size_t memory = 1 << 20;            // bytes
    uint64_t file = uint64_t{1} << 30;  // bytes, of all the files that share a use; 0: never a file
    std::shared_ptr<SpillUse> use = std::make_shared<SpillUse>();
  };

  explicit OutputBacklog(Limits limits) : limits_(limits) {}
  ~OutputBacklog();
  OutputBacklog(const OutputBacklog&) = delete;

  // Takes all of `bytes`. What then is over the limit of memory goes to the file if `may_spill`, there is room for it in files
  // and the file can be written; a file that failed once is not tried again.
  void Append(std::string_view bytes, bool may_spill);

  // The oldest bytes, `most` of them or fewer, taken out; empty when there are none, or when the file cannot be read (failed()).
  std::string Take(size_t most);

  bool empty() const { return in_file() == 0 && memory_.empty(); }
  uint64_t in_file() const { return written_ - read_; }
  size_t in_memory() const { return memory_.size(); }
  bool full() const { return memory_.size() >= limits_.memory; }
  // Whether bytes in the file are lost.
  bool failed() const { return failed_; }

 private:
  void Spill();
  void GiveBack(uint64_t bytes);
  std::string TakeFromFile(size_t most);

  const Limits limits_;
  std::string memory_;  // younger than what is in the file
  int fd_ = -1;
  bool no_file_ = false;
  bool failed_ = false;
  uint64_t written_ = 0, read_ = 0;  // offsets in the file
  uint64_t held_ = 0;                // bytes of the disk, taken from the use
};

}  // namespace verdict
