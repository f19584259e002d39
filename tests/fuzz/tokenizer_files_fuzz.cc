// A model directory's tokenizer: files as tests/fuzz/file_bundle.h has them.
#include "tests/fuzz/file_bundle.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/fuzz/tokenizer_files.h"

namespace verdict {

void Fuzz(std::string_view bytes) {
  static const FileBundle kFiles({"config.json", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json",
                                  "vocab.txt", "added_tokens.json", "vocab.json", "merges.txt", "spiece.model",
                                  "sentencepiece.bpe.model", "spm.model"});
  kFiles.Write(bytes);
  const auto loaded = LoadTokenizer(kFiles.path());
  if (loaded.ok()) return UseTokenizer(*loaded->tokenizer);
  Expect(!loaded.status().message().empty(), "an error says what is wrong");
  Expect(loaded.status().message().find('\n') == std::string_view::npos, "an error is one line");
}

}  // namespace verdict
