// A SentencePiece model file, behind a byte that says for which family it is; and its map of characters.
#include <array>
#include <string>

#include "common/utf8.h"
#include "services/classifier/text/precompiled_normalizer.h"
#include "services/classifier/text/sentencepiece_file.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/tokenizer_files.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

struct Family {
  const char* tokenizer_class;
  const char* file;
};

constexpr std::array<Family, 4> kFamilies = {{{"XLMRobertaTokenizer", "sentencepiece.bpe.model"},
                                              {"CamembertTokenizer", "sentencepiece.bpe.model"},
                                              {"AlbertTokenizer", "spiece.model"},
                                              {"DebertaV2Tokenizer", "spm.model"}}};

void CheckMap(const std::string& map) {
  const auto normalizer = PrecompiledNormalizer::Create(map);
  if (!normalizer.ok()) return;
  std::string out;
  for (const char* text : {"A\u0301 \u2460\uFB01 \uD55C\uAE00", "a", "\U0001F469\u200D\U0001F680"}) {
    normalizer->Normalize(text, out);
    Expect(!FindInvalidUtf8(out), "text stays text");
  }
}

}  // namespace

void Fuzz(std::string_view bytes) {
  static const TempDirectory kDirectory;
  FuzzInput input(bytes);
  const Family& family = kFamilies[input.Number(kFamilies.size() - 1)];
  const auto file = ParseSentencePieceFile(input.Rest());
  if (!file.ok()) return;
  CheckMap(file->character_map);
  for (const Family& other : kFamilies) std::filesystem::remove(kDirectory.path() / other.file);
  kDirectory.Write(family.file, std::string(input.Rest()));
  kDirectory.Write("tokenizer_config.json", std::string(R"({"tokenizer_class":")") + family.tokenizer_class + "\"}");
  const auto loaded = LoadTokenizer(kDirectory.path());
  if (loaded.ok()) UseTokenizer(*loaded->tokenizer);
}

}  // namespace verdict
