// A text through every family of tokenizers: a byte that chooses one of services/classifier/text/testdata, a byte that says how
// often the text is repeated, the text. The service lets no text in that is not UTF-8, and yet nothing may go wrong with one.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "services/classifier/text/load_tokenizer.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {
namespace {

constexpr int kAll = 1 << 24;
constexpr int kFew = 8;

std::vector<std::unique_ptr<Tokenizer>> LoadAll() {
  std::vector<std::filesystem::path> directories;
  for (const auto& entry : std::filesystem::directory_iterator(VERDICT_SOURCE_DIR "/services/classifier/text/testdata")) {
    if (entry.is_directory()) directories.push_back(entry.path());
  }
  std::sort(directories.begin(), directories.end());
  std::vector<std::unique_ptr<Tokenizer>> all;
  for (const auto& directory : directories) {
    auto loaded = LoadTokenizer(directory);
    if (loaded.ok()) all.push_back(std::move(loaded->tokenizer));
  }
  Expect(all.size() > 20, "the tokenizers of the tests can be loaded");
  return all;
}

void CheckTruncation(const Tokenizer& tokenizer, const TextInput& input, const Encoding& full) {
  const auto size = static_cast<int>(full.sequence.ids.size());
  for (const auto policy : {TruncationPolicy::kHead, TruncationPolicy::kTail, TruncationPolicy::kHeadTail}) {
    const auto cut = tokenizer.Encode(input, kFew, policy);
    Expect(cut.ok(), "any text can be cut");
    const auto kept = static_cast<int>(cut->sequence.ids.size());
    Expect(kept == std::min(size, kFew) && kept + cut->tokens_dropped == size, "tokens are kept, or counted as dropped");
  }
  Expect(tokenizer.Encode(input, kFew, TruncationPolicy::kError).ok() == (size <= kFew), "a text is too long, or it is not");
}

void CheckWindows(const Tokenizer& tokenizer, const TextInput& input, const Encoding& full) {
  const auto windows = tokenizer.EncodeWindows(input, {.size = kFew, .stride = 1, .max_windows = kAll});
  Expect(windows.ok() && !windows->empty(), "any text has windows");
  size_t tokens = 0;
  for (const Window& window : *windows) {
    Expect(window.sequence.ids.size() <= kFew, "a window has its size");
    tokens += window.sequence.ids.size();
  }
  Expect(tokens >= full.sequence.ids.size(), "windows leave nothing out");
}

}  // namespace

void Fuzz(std::string_view bytes) {
  static const std::vector<std::unique_ptr<Tokenizer>> kTokenizers = LoadAll();
  FuzzInput input(bytes);
  const Tokenizer& tokenizer = *kTokenizers[input.Number(kTokenizers.size() - 1)];
  const bool repeated = input.Byte() == 'R';
  const TextInput text{repeated ? Repeated(input.Rest(), 100'000) : std::string(input.Rest()), {}};
  const auto full = tokenizer.Encode(text, kAll, TruncationPolicy::kHead);
  Expect(full.ok() && full->tokens_dropped == 0, "any text is tokens");
  for (const int32_t id : full->sequence.ids) Expect(id >= 0 && id < tokenizer.vocabulary_size(), "tokens are known");
  if (repeated) return;
  CheckTruncation(tokenizer, text, *full);
  CheckWindows(tokenizer, text, *full);
}

}  // namespace verdict
