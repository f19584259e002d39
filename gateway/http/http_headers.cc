#include "gateway/http/http_headers.h"

#include "gateway/http/ascii.h"

namespace verdict {

void HttpHeaders::Add(std::string_view name, std::string_view value) {
  entries_.push_back({text_.size(), static_cast<uint32_t>(name.size()), static_cast<uint32_t>(value.size())});
  text_.append(name).append(value);
}

std::optional<std::string_view> HttpHeaders::Find(std::string_view name) const {
  for (const Entry& entry : entries_) {
    if (EqualsIgnoreCase(NameOf(entry), name)) return ValueOf(entry);
  }
  return std::nullopt;
}

int HttpHeaders::Count(std::string_view name) const {
  int count = 0;
  for (const Entry& entry : entries_) count += EqualsIgnoreCase(NameOf(entry), name) ? 1 : 0;
  return count;
}

}  // namespace verdict
