#include "security/word_lines.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace verdict {

std::vector<WordLine> SplitWordLines(std::string_view text) {
  const std::vector<std::string> lines = absl::StrSplit(std::string(text), '\n');
  std::vector<WordLine> found;
  for (size_t i = 0; i < lines.size(); ++i) {
    std::vector<std::string> words = absl::StrSplit(lines[i], absl::ByAnyChar(" \t\r"), absl::SkipEmpty());
    if (!words.empty() && words.front().front() != '#') found.push_back({i + 1, std::move(words)});
  }
  return found;
}

absl::Status BadLine(const WordLine& line, std::string_view problem) {
  return absl::InvalidArgumentError(absl::StrCat("line ", line.number, ": ", std::string(problem)));
}

}  // namespace verdict
