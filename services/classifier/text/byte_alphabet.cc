#include "services/classifier/text/byte_alphabet.h"

#include <array>
#include <cstdint>

#include "services/classifier/text/utf8_codec.h"

namespace verdict {
namespace {

constexpr char32_t kFirstStandIn = 0x100;

constexpr bool StandsForItself(unsigned byte) {
  return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
}

// The characters are below U+0800, so two bytes each at most.
struct Alphabet {
  std::array<std::array<char, 2>, 256> characters{};
  std::array<uint8_t, 256> lengths{};
  std::array<int16_t, 0x180> bytes{};  // by character; -1: none

  constexpr Alphabet() {
    bytes.fill(-1);
    char32_t stand_in = kFirstStandIn;
    for (unsigned byte = 0; byte < 256; ++byte) {
      const char32_t c = StandsForItself(byte) ? byte : stand_in++;
      bytes[c] = static_cast<int16_t>(byte);
      lengths[byte] = c < 0x80 ? 1 : 2;
      if (c < 0x80) {
        characters[byte][0] = static_cast<char>(c);
      } else {
        characters[byte][0] = static_cast<char>(0xC0 | c >> 6);
        characters[byte][1] = static_cast<char>(0x80 | (c & 0x3F));
      }
    }
  }
};

constexpr Alphabet kAlphabet;

}  // namespace

std::string_view CharacterOfByte(unsigned char byte) { return {kAlphabet.characters[byte].data(), kAlphabet.lengths[byte]}; }

void AppendByteCharacters(std::string_view bytes, std::string& out) {
  out.reserve(out.size() + 2 * bytes.size());
  for (char byte : bytes) out.append(CharacterOfByte(static_cast<unsigned char>(byte)));
}

std::optional<std::string> BytesOfToken(std::string_view token) {
  std::string bytes;
  while (!token.empty()) {
    const DecodedChar c = DecodeChar(token);
    if (c.code_point >= kAlphabet.bytes.size() || kAlphabet.bytes[c.code_point] < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(kAlphabet.bytes[c.code_point]));
    token.remove_prefix(static_cast<size_t>(c.length));
  }
  return bytes;
}

}  // namespace verdict
