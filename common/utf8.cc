#include "common/utf8.h"

#include <cstdint>
#include <cstring>

namespace verdict {
namespace {

// Bytes of the sequence that a lead byte begins, and the range of its second byte; 0: no sequence begins with it.
struct Lead {
  int length;
  uint8_t second_min;
  uint8_t second_max;
};

Lead Classify(uint8_t byte) {
  if (byte < 0x80) return {1, 0, 0};
  if (byte < 0xC2) return {0, 0, 0};
  if (byte < 0xE0) return {2, 0x80, 0xBF};
  if (byte == 0xE0) return {3, 0xA0, 0xBF};
  if (byte == 0xED) return {3, 0x80, 0x9F};
  if (byte < 0xF0) return {3, 0x80, 0xBF};
  if (byte == 0xF0) return {4, 0x90, 0xBF};
  if (byte < 0xF4) return {4, 0x80, 0xBF};
  if (byte == 0xF4) return {4, 0x80, 0x8F};
  return {0, 0, 0};
}

bool ContinuesWell(const uint8_t* at, const Lead& lead) {
  if (lead.length > 1 && (at[1] < lead.second_min || at[1] > lead.second_max)) return false;
  for (int i = 2; i < lead.length; ++i) {
    if ((at[i] & 0xC0) != 0x80) return false;
  }
  return true;
}

}  // namespace

std::optional<size_t> FindInvalidUtf8(std::string_view text) {
  const auto* data = reinterpret_cast<const uint8_t*>(text.data());
  const size_t size = text.size();
  size_t i = 0;
  while (i < size) {
    uint64_t eight;
    if (size - i >= sizeof(eight)) {  // most text is ASCII
      std::memcpy(&eight, data + i, sizeof(eight));
      if ((eight & 0x8080808080808080u) == 0) {
        i += sizeof(eight);
        continue;
      }
    }
    const Lead lead = Classify(data[i]);
    if (lead.length == 0 || size - i < static_cast<size_t>(lead.length) || !ContinuesWell(data + i, lead)) return i;
    i += static_cast<size_t>(lead.length);
  }
  return std::nullopt;
}

std::string_view Utf8Prefix(std::string_view text, size_t bytes) {
  if (text.size() <= bytes) return text;
  while (bytes > 0 && (static_cast<unsigned char>(text[bytes]) & 0xC0) == 0x80) --bytes;
  return text.substr(0, bytes);
}

std::string Shortened(std::string_view text) {
  constexpr size_t kMaxShown = 200;
  std::string shown(Utf8Prefix(text, kMaxShown));
  if (text.size() > kMaxShown) shown += "…";
  return shown;
}

}  // namespace verdict
