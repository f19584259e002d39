#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace verdict {

// The alphabet of byte-level vocabularies (GPT-2): each byte has a printable character. Visible ASCII and most of Latin-1 stand
// for themselves, the other bytes have characters from U+0100 on.

// The UTF-8 of the character that stands for a byte.
std::string_view CharacterOfByte(unsigned char byte);

void AppendByteCharacters(std::string_view bytes, std::string& out);

// The bytes that the characters of `token` stand for; absent when one of them is not in the alphabet.
std::optional<std::string> BytesOfToken(std::string_view token);

}  // namespace verdict
