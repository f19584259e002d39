#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace verdict {

// Bytes that have arrived and are not parsed yet.
class InputBuffer {
 public:
  std::string_view view() const { return std::string_view(bytes_).substr(begin_); }

  void Append(const char* data, size_t size) {
    if (begin_ > 0) {
      bytes_.erase(0, begin_);
      begin_ = 0;
    }
    bytes_.append(data, size);
  }

  void Consume(size_t size) {
    begin_ += size;
    if (begin_ < bytes_.size()) return;
    bytes_.clear();
    begin_ = 0;
  }

 private:
  std::string bytes_;
  size_t begin_ = 0;
};

}  // namespace verdict
