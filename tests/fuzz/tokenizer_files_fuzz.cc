// A model directory's tokenizer. The input is its files, one behind the other, each after a line "=== name".
#include <algorithm>
#include <array>
#include <filesystem>
#include <string>

#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/tokenizer_files.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

constexpr std::array<std::string_view, 11> kFiles = {
    "config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "vocab.txt", "added_tokens.json",
    "vocab.json",  "merges.txt",     "spiece.model",          "sentencepiece.bpe.model", "spm.model"};

constexpr std::string_view kMark = "=== ";

void Write(const TempDirectory& directory, std::string_view bytes) {
  for (const std::string_view file : kFiles) std::filesystem::remove(directory.path() / file);
  while (!bytes.empty()) {
    size_t end = bytes.find("\n=== ", 1);
    end = end == std::string_view::npos ? bytes.size() : end + 1;
    FuzzInput section(bytes.substr(0, end));
    bytes.remove_prefix(end);
    const std::string_view title = section.Line();
    if (!title.starts_with(kMark)) continue;
    const std::string_view name = title.substr(kMark.size());
    if (std::find(kFiles.begin(), kFiles.end(), name) == kFiles.end()) continue;
    directory.Write(std::string(name), std::string(section.Rest()));
  }
}

}  // namespace

void Fuzz(std::string_view bytes) {
  static const TempDirectory kDirectory;
  Write(kDirectory, bytes);
  const auto loaded = LoadTokenizer(kDirectory.path());
  if (loaded.ok()) return UseTokenizer(*loaded->tokenizer);
  Expect(!loaded.status().message().empty(), "an error says what is wrong");
  Expect(loaded.status().message().find('\n') == std::string_view::npos, "an error is one line");
}

}  // namespace verdict
