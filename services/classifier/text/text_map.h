#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "absl/container/flat_hash_map.h"

namespace verdict {

struct TextHash {
  using is_transparent = void;  // NOLINT(readability-identifier-naming): the name that the map looks for
  size_t operator()(std::string_view text) const { return std::hash<std::string_view>()(text); }
};

// Keys are strings, and looked up without being copied into one.
template <typename Value>
using TextMap = absl::flat_hash_map<std::string, Value, TextHash, std::equal_to<>>;

}  // namespace verdict
