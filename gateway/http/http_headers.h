#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/container/inlined_vector.h"

namespace verdict {

// Header fields in the order they came; names compare without case. Kept in one piece of memory, because every request has some.
// Not thread-safe.
class HttpHeaders {
 public:
  void Add(std::string_view name, std::string_view value);

  // Value of the first field of that name. The view lives until the next Add.
  std::optional<std::string_view> Find(std::string_view name) const;

  // How many fields have that name.
  int Count(std::string_view name) const;

  bool empty() const { return entries_.empty(); }

  // Calls visit(name, value) for every field, in order.
  template <typename Visit>
  void ForEach(Visit&& visit) const {
    for (const Entry& entry : entries_) visit(NameOf(entry), ValueOf(entry));
  }

 private:
  struct Entry {
    size_t offset;
    uint32_t name_size;
    uint32_t value_size;
  };
  std::string_view NameOf(const Entry& entry) const { return std::string_view(text_).substr(entry.offset, entry.name_size); }
  std::string_view ValueOf(const Entry& entry) const {
    return std::string_view(text_).substr(entry.offset + entry.name_size, entry.value_size);
  }

  std::string text_;
  absl::InlinedVector<Entry, 8> entries_;
};

}  // namespace verdict
