#include "services/classifier/text/unicode_normalizer.h"

#include <algorithm>
#include <array>
#include <vector>

#include "services/classifier/text/unicode_data.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {
namespace {

size_t AsciiPrefix(std::string_view text) {
  return static_cast<size_t>(std::find_if(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; }) - text.begin());
}

struct Mark {
  char32_t code_point;
  uint8_t combining_class;
};

// Collects a starter and the marks behind it, puts them in canonical order, composes them when asked, and writes them.
class Cluster {
 public:
  Cluster(bool compose, std::string& out) : compose_(compose), out_(out) {}

  void Put(char32_t c) {
    const uint8_t combining_class = PropertiesOf(c).combining_class;
    if (combining_class != 0) return marks_.push_back({c, combining_class});
    if (marks_.empty() && JoinsStarter(c)) return;
    Flush();
    // After the flush only a starter that took up all of its marks is left to join.
    if (JoinsStarter(c)) return;
    WriteStarter();
    starter_ = c;
    has_starter_ = true;
  }

  void Finish() {
    Flush();
    WriteStarter();
  }

 private:
  bool JoinsStarter(char32_t c) {
    if (!compose_ || !has_starter_) return false;
    const char32_t joined = Compose(starter_, c);
    if (joined != 0) starter_ = joined;
    return joined != 0;
  }

  // Settles the marks: those that join the starter vanish, and when any is left, starter and marks are written.
  void Flush() {
    if (marks_.empty()) return;
    std::stable_sort(marks_.begin(), marks_.end(),
                     [](const Mark& a, const Mark& b) { return a.combining_class < b.combining_class; });
    if (compose_ && has_starter_) ComposeMarks();
    if (marks_.empty()) return;
    WriteStarter();
    for (const Mark& mark : marks_) AppendUtf8(mark.code_point, out_);
    marks_.clear();
  }

  // A mark is blocked by a mark of its own class that stayed.
  void ComposeMarks() {
    size_t kept = 0;
    for (const Mark& mark : marks_) {
      const bool blocked = kept > 0 && marks_[kept - 1].combining_class == mark.combining_class;
      if (blocked || !JoinsStarter(mark.code_point)) marks_[kept++] = mark;
    }
    marks_.resize(kept);
  }

  void WriteStarter() {
    if (has_starter_) AppendUtf8(starter_, out_);
    has_starter_ = false;
  }

  const bool compose_;
  std::string& out_;
  char32_t starter_ = 0;
  bool has_starter_ = false;
  std::vector<Mark> marks_;
};

}  // namespace

bool UnicodeNormalizer::IsNormal(std::string_view text) const {
  const bool composed = form_ == Form::kNfc || form_ == Form::kNfkc;
  size_t i = AsciiPrefix(text);
  if (!composed) return i == text.size();
  const uint8_t stable = form_ == Form::kNfc ? kNfcStable : kNfkcStable;
  while (i < text.size()) {
    const DecodedChar c = DecodeChar(text.substr(i));
    if (!(PropertiesOf(c.code_point).more_flags & stable)) return false;
    i += c.length;
  }
  return true;
}

void UnicodeNormalizer::Normalize(std::string_view text, std::string& out) const {
  if (IsNormal(text)) {
    out.assign(text);
    return;
  }
  out.clear();
  out.reserve(text.size() + text.size() / 2);
  const bool compatible = form_ == Form::kNfkc || form_ == Form::kNfkd;
  Cluster cluster(form_ == Form::kNfc || form_ == Form::kNfkc, out);
  for (size_t i = 0; i < text.size();) {
    const DecodedChar c = DecodeChar(text.substr(i));
    i += c.length;
    char32_t hangul[3];
    std::u32string_view parts = compatible ? CompatibilityDecompositionOf(c.code_point) : std::u32string_view();
    if (parts.empty()) parts = DecompositionOf(c.code_point, hangul);
    if (parts.empty()) cluster.Put(c.code_point);
    for (char32_t part : parts) cluster.Put(part);
  }
  cluster.Finish();
}

void StripAccentsNormalizer::Normalize(std::string_view text, std::string& out) const {
  const size_t ascii = AsciiPrefix(text);
  out.assign(text.substr(0, ascii));
  for (size_t i = ascii; i < text.size();) {
    const DecodedChar c = DecodeChar(text.substr(i));
    if (!(PropertiesOf(c.code_point).more_flags & kMark)) out.append(text.substr(i, c.length));
    i += c.length;
  }
}

void LowercaseNormalizer::Normalize(std::string_view text, std::string& out) const {
  out.clear();
  out.reserve(text.size() + 8);
  for (size_t i = 0; i < text.size();) {
    const char byte = text[i];
    if ((byte & 0x80) == 0) {
      out.push_back(byte >= 'A' && byte <= 'Z' ? static_cast<char>(byte + ('a' - 'A')) : byte);
      ++i;
      continue;
    }
    const DecodedChar c = DecodeChar(text.substr(i));
    const std::u32string_view lower = LowercaseOf(c.code_point);
    if (lower.empty()) out.append(text.substr(i, c.length));
    for (char32_t part : lower) AppendUtf8(part, out);
    i += c.length;
  }
}

std::string UnicodeNormalizer::Describe() const {
  constexpr std::array<const char*, 4> kNames = {"NFC", "NFD", "NFKC", "NFKD"};
  return kNames[static_cast<size_t>(form_)];
}

std::string StripAccentsNormalizer::Describe() const { return "StripAccents"; }

std::string LowercaseNormalizer::Describe() const { return "Lowercase"; }

}  // namespace verdict
