#include "services/classifier/text/vocab_file.h"

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "absl/strings/str_cat.h"
#include "common/json_file.h"
#include "common/utf8.h"
#include "services/classifier/text/unicode_data.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {
namespace {

std::string_view WithoutTrailingSpace(std::string_view line) {
  while (!line.empty()) {
    const DecodedChar last = DecodeLastChar(line);
    if (!(PropertiesOf(last.code_point).flags & kSpace)) break;
    line.remove_suffix(last.length);
  }
  return line;
}

absl::Status LineError(const std::filesystem::path& path, std::string_view text, size_t offset, std::string_view problem) {
  const auto line = 1 + std::count(text.begin(), text.begin() + static_cast<ptrdiff_t>(offset), '\n');
  return absl::InvalidArgumentError(absl::StrCat(path.filename().string(), ": line ", line, ": ", std::string(problem)));
}

}  // namespace

absl::StatusOr<Vocabulary> ReadVocabFile(const std::filesystem::path& path) {
  const absl::StatusOr<std::string> text = ReadFile(path, kMaxTokenizerFileBytes);
  if (!text.ok()) return text.status();
  if (text->empty()) return absl::InvalidArgumentError(absl::StrCat(path.filename().string(), ": the file is empty"));
  if (const std::optional<size_t> invalid = FindInvalidUtf8(*text)) return LineError(path, *text, *invalid, "is not valid UTF-8");
  Vocabulary vocabulary;
  std::unordered_map<std::string_view, size_t> positions;
  int32_t id = 0;
  for (std::string_view rest = *text; !rest.empty(); ++id) {
    const size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view token = WithoutTrailingSpace(rest.substr(0, end));
    rest.remove_prefix(std::min(end + 1, rest.size()));
    const auto [position, is_new] = positions.try_emplace(token, vocabulary.size());
    if (is_new) {
      vocabulary.emplace_back(token, id);
    } else {
      vocabulary[position->second].second = id;
    }
  }
  return vocabulary;
}

}  // namespace verdict
