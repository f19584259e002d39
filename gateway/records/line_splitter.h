#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "gateway/http/byte_order_mark.h"

namespace verdict {

// Cuts a text that comes in pieces into lines, and keeps no more than `most` bytes of any. A byte order mark at the beginning is
// dropped. Not thread-safe.
class LineSplitter {
 public:
  explicit LineSplitter(size_t most) : most_(most) {}

  // Calls take(line, too_long) for every line that `bytes` complete, without its LF or CRLF. Of a line that is too long there is
  // the beginning.
  template <typename Take>
  void Split(std::string_view bytes, Take&& take) {
    while (!bytes.empty()) {
      const size_t end = bytes.find('\n');
      Keep(bytes.substr(0, end));
      if (end == std::string_view::npos) return;
      bytes.remove_prefix(end + 1);
      Give(take);
    }
  }

  // Calls take for the line that no line end follows, if there is one.
  template <typename Take>
  void Finish(Take&& take) {
    if (pending_) Give(take);
  }

 private:
  // One byte more than a line may have, for the CR before its LF, which may still come.
  void Keep(std::string_view part) {
    pending_ = pending_ || !part.empty();
    const size_t room = most_ + 1 - line_.size();
    too_long_ = too_long_ || part.size() > room;
    line_ += part.substr(0, room);
  }

  template <typename Take>
  void Give(Take& take) {
    std::string_view line = line_;
    if (line.ends_with('\r')) line.remove_suffix(1);
    const bool too_long = too_long_ || line.size() > most_;
    if (first_) line = WithoutByteOrderMark(line);
    take(line, too_long);
    line_.clear();
    too_long_ = pending_ = first_ = false;
  }

  const size_t most_;
  std::string line_;
  bool first_ = true;
  bool too_long_ = false;
  bool pending_ = false;
};

}  // namespace verdict
