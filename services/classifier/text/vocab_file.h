#pragma once

#include <filesystem>

#include "absl/status/statusor.h"
#include "services/classifier/text/wordpiece_model.h"

namespace verdict {

// No file of a tokenizer is larger; a bigger one is refused rather than read.
inline constexpr uint64_t kMaxTokenizerFileBytes = uint64_t{256} << 20;

// Reads a vocab.txt: one token per line, its id the number of the line from 0, white space at the end of a line not part of it. A
// token that comes twice has its last id. Errors name the file: those of ReadFile, kInvalidArgument when it is empty or not
// UTF-8.
absl::StatusOr<Vocabulary> ReadVocabFile(const std::filesystem::path& path);

}  // namespace verdict
