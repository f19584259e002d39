#include "services/classifier/text/metaspace.h"

#include <algorithm>
#include <array>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace verdict {

void MetaspacePreTokenizer::Split(TextPiece piece, Sink sink) const {
  const std::string& mark = options_.replacement;
  const bool may_prepend = options_.prepend == Prepend::kAlways || (options_.prepend == Prepend::kFirst && piece.at_start);
  std::string text;
  text.reserve(piece.text.size() + 4 * mark.size());
  const bool begins_with_mark = piece.text.front() == ' ' || piece.text.starts_with(mark);
  if (may_prepend && !begins_with_mark) text += mark;
  std::string_view rest = piece.text;
  for (size_t space; (space = rest.find(' ')) != rest.npos; rest.remove_prefix(space + 1)) {
    text.append(rest.substr(0, space)).append(mark);
  }
  text.append(rest);
  if (!options_.split) return sink({text, piece.at_start});
  const std::string_view whole = text;
  for (size_t start = 0; start < whole.size();) {
    const size_t first = whole.substr(start).starts_with(mark) ? start + mark.size() : start;
    const size_t end = std::min(whole.find(mark, first), whole.size());
    sink({whole.substr(start, end - start), piece.at_start && start == 0});
    start = end;
  }
}

std::string MetaspacePreTokenizer::Describe() const {
  constexpr std::array<const char*, 3> kNames = {"always", "first", "never"};
  return absl::StrCat("Metaspace ", options_.replacement, " (prepend ", kNames[static_cast<size_t>(options_.prepend)],
                      options_.split ? ")" : ", no split)");
}

}  // namespace verdict
