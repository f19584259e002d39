#include "services/classifier/text/precompiled_normalizer.h"

#include <cstring>

#include "absl/status/status.h"
#include "common/utf8.h"
#include "services/classifier/text/grapheme_cluster.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {
namespace {

constexpr size_t kLongestClusterLookedUp = 5;

uint32_t LittleEndian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = 0; i < 4; ++i) value |= static_cast<uint32_t>(static_cast<unsigned char>(bytes[i])) << (8 * i);
  return value;
}

// One unit of a darts-clone double array.
struct Unit {
  uint32_t bits;

  bool has_leaf() const { return (bits >> 8 & 1) != 0; }
  uint32_t value() const { return bits & 0x7FFFFFFF; }
  uint32_t label() const { return bits & 0x800000FF; }
  uint32_t offset() const { return (bits >> 10) << ((bits & 0x200) >> 6); }
};

}  // namespace

absl::StatusOr<PrecompiledNormalizer> PrecompiledNormalizer::Create(std::string_view map) {
  if (map.size() < 4) return absl::InvalidArgumentError("the character map is cut short");
  const size_t array_bytes = LittleEndian(map);
  map.remove_prefix(4);
  if (array_bytes > map.size() || array_bytes % 4 != 0 || array_bytes == 0) {
    return absl::InvalidArgumentError("the character map is cut short");
  }
  PrecompiledNormalizer normalizer;
  normalizer.units_.reserve(array_bytes / 4);
  for (size_t i = 0; i < array_bytes; i += 4) normalizer.units_.push_back(LittleEndian(map.substr(i)));
  normalizer.strings_ = std::string(map.substr(array_bytes));
  if (FindInvalidUtf8(normalizer.strings_)) return absl::InvalidArgumentError("the strings of the character map are not UTF-8");
  for (size_t c = 0; c < normalizer.ascii_.size(); ++c) {
    const char byte = static_cast<char>(c);
    normalizer.ascii_[c] = normalizer.Find({&byte, 1});
  }
  return normalizer;
}

// Where the string for the shortest known prefix of `chunk` starts.
int32_t PrecompiledNormalizer::Find(std::string_view chunk) const {
  uint32_t position = Unit{units_[0]}.offset();
  for (const char c : chunk) {
    const uint32_t byte = static_cast<unsigned char>(c);
    if (byte == 0) break;
    position ^= byte;
    if (position >= units_.size()) return kNone;
    const Unit unit = {units_[position]};
    if (unit.label() != byte) return kNone;
    position ^= unit.offset();
    if (position >= units_.size()) return kNone;
    if (!unit.has_leaf()) continue;
    const uint32_t value = Unit{units_[position]}.value();
    const bool inside = value < strings_.size() && (static_cast<unsigned char>(strings_[value]) & 0xC0) != 0x80;
    return inside ? static_cast<int32_t>(value) : kNone;
  }
  return kNone;
}

bool PrecompiledNormalizer::Append(std::string_view chunk, std::string& out) const {
  const int32_t start = Find(chunk);
  if (start == kNone) return false;
  out.append(strings_.data() + start, strnlen(strings_.data() + start, strings_.size() - static_cast<size_t>(start)));
  return true;
}

void PrecompiledNormalizer::AppendChar(std::string_view character, std::string& out) const {
  if (!Append(character, out)) out.append(character);
}

void PrecompiledNormalizer::AppendCluster(std::string_view cluster, std::string& out) const {
  if (cluster.size() <= kLongestClusterLookedUp && Append(cluster, out)) return;
  while (!cluster.empty()) {
    const size_t length = static_cast<size_t>(DecodeChar(cluster).length);
    AppendChar(cluster.substr(0, length), out);
    cluster.remove_prefix(length);
  }
}

void PrecompiledNormalizer::Normalize(std::string_view text, std::string& out) const {
  out.clear();
  out.reserve(text.size() + 8);
  for (size_t i = 0; i < text.size();) {
    const unsigned char byte = static_cast<unsigned char>(text[i]);
    const bool alone = byte < 0x80 && byte != '\r' && (i + 1 == text.size() || !(text[i + 1] & 0x80));
    if (alone && ascii_[byte] == kNone) {
      out.push_back(text[i++]);
      continue;
    }
    const size_t length = alone ? 1 : GraphemeClusterLength(text.substr(i));
    AppendCluster(text.substr(i, length), out);
    i += length;
  }
}

std::string PrecompiledNormalizer::Describe() const { return "Precompiled"; }

}  // namespace verdict
