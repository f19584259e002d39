// A file of weights: a line of JSON, which gets its length put before it, then the tensors' bytes. An input that begins with the
// byte 255 is a file as it is, behind that byte.
#include <filesystem>
#include <fstream>
#include <string>

#include "services/classifier/model/safetensors.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

std::string MakeFile(std::string_view bytes) {
  if (bytes.starts_with('\xFF')) return std::string(bytes.substr(1));
  FuzzInput input(bytes);
  const std::string_view header = input.Line();
  std::string file;
  for (int shift = 0; shift < 64; shift += 8) file += static_cast<char>(uint64_t{header.size()} >> shift & 0xFF);
  return file.append(header).append(input.Rest());
}

}  // namespace

void Fuzz(std::string_view bytes) {
  static const TempDirectory kDirectory;
  const std::string file = MakeFile(bytes);
  kDirectory.Write("model.safetensors", file);
  const auto weights = Weights::Open(kDirectory.path() / "model.safetensors");
  if (!weights.ok()) {
    Expect(weights.status().message().find("model.safetensors") != std::string_view::npos, "an error names the file");
    Expect(weights.status().message().find('\n') == std::string_view::npos, "an error is one line");
    return;
  }
  uint64_t sum = 0;
  std::byte read{};
  for (const auto& [name, view] : weights->tensors()) {
    sum += view.bytes;
    if (view.bytes > 0) read ^= view.data[0] ^ view.data[view.bytes - 1];
  }
  [[maybe_unused]] static volatile std::byte sink;
  sink = read;  // so that the bytes are read
  Expect(sum < file.size(), "no two tensors share bytes");
}

}  // namespace verdict
