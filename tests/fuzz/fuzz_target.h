#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace verdict {

// What every target defines: what is done with one input. All but returning is a finding: a sanitizer's report, an exception, a
// property that does not hold, too much time or memory.
void Fuzz(std::string_view input);

// A property that has to hold whatever the input: else the sentence is printed, and the program ends.
void Expect(bool holds, std::string_view sentence);

// The same of two values, which are printed.
void ExpectSame(std::string_view one, std::string_view other, std::string_view sentence);

// Takes decisions off the front of an input, so that the rest can be what is read. Where nothing is left, decisions are 0.
class FuzzInput {
 public:
  explicit FuzzInput(std::string_view bytes) : rest_(bytes) {}

  uint8_t Byte();
  // From 0 to `most`.
  size_t Number(size_t most);
  // What stands before the next line feed, which is taken as well.
  std::string_view Line();
  std::string_view Rest() const { return rest_; }

 private:
  std::string_view rest_;
};

// Cuts bytes into pieces as a network does. Seed 0 leaves them whole.
class Slicer {
 public:
  Slicer(std::string_view bytes, uint32_t seed) : rest_(bytes), state_(seed) {}

  bool AtEnd() const { return rest_.empty(); }
  // Not empty unless at the end.
  std::string_view Next();

 private:
  std::string_view rest_;
  uint32_t state_;
};

// `text` so often that there are about `size` bytes of it: what takes more than linear time is seen to.
std::string Repeated(std::string_view text, size_t size);

}  // namespace verdict
