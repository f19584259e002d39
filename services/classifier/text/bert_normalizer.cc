#include "services/classifier/text/bert_normalizer.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/classifier/text/unicode_data.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {

// Takes the characters beyond ASCII through all steps. Marks are held back until the run of marks they belong to is over, because
// canonical order sorts each run; only marks that survive the stripping matter, as a stable sort keeps the order of what remains.
class BertNormalizer::Writer {
 public:
  Writer(const BertNormalizer& normalizer, std::string& out) : normalizer_(normalizer), out_(out) {}

  void Put(char32_t c) {
    const uint8_t flags = PropertiesOf(c).flags;
    if (normalizer_.options_.clean_text) {
      if (flags & kDropped) return;
      if (flags & kSpace) c = U' ';
    }
    const bool spaced = normalizer_.options_.handle_chinese_chars && (flags & kIdeograph);
    if (spaced) PutStarter(U' ');
    Decompose(c);
    if (spaced) PutStarter(U' ');
  }

  // Ends a run of marks; called before anything is written past this object.
  void Flush() {
    if (marks_.empty()) return;
    std::stable_sort(marks_.begin(), marks_.end(),
                     [](char32_t a, char32_t b) { return PropertiesOf(a).combining_class < PropertiesOf(b).combining_class; });
    for (char32_t mark : marks_) Write(mark);
    marks_.clear();
  }

 private:
  void Decompose(char32_t c) {
    if (!normalizer_.strip_accents_) return Write(c);
    char32_t hangul[3];
    const std::u32string_view parts = DecompositionOf(c, hangul);
    if (parts.empty()) return PutDecomposed(c);
    for (char32_t part : parts) PutDecomposed(part);
  }

  void PutDecomposed(char32_t c) {
    const CharProperties properties = PropertiesOf(c);
    if (properties.combining_class == 0) Flush();
    if (properties.flags & kNonspacingMark) return;
    if (properties.combining_class == 0) return Write(c);
    marks_.push_back(c);
  }

  void PutStarter(char32_t c) {
    Flush();
    AppendUtf8(c, out_);
  }

  void Write(char32_t c) {
    const std::u32string_view lower = normalizer_.options_.lowercase ? LowercaseOf(c) : std::u32string_view();
    if (lower.empty()) return AppendUtf8(c, out_);
    for (char32_t part : lower) AppendUtf8(part, out_);
  }

  const BertNormalizer& normalizer_;
  std::string& out_;
  std::vector<char32_t> marks_;
};

BertNormalizer::BertNormalizer(const Options& options)
    : options_(options), strip_accents_(options.strip_accents.value_or(options.lowercase)) {
  for (char32_t c = 0; c < ascii_.size(); ++c) {
    const uint8_t flags = PropertiesOf(c).flags;
    char32_t mapped = c;
    if (options_.clean_text && (flags & kDropped)) {
      mapped = 0;
    } else if (options_.clean_text && (flags & kSpace)) {
      mapped = U' ';
    } else if (options_.lowercase && !LowercaseOf(c).empty()) {
      mapped = LowercaseOf(c).front();
    }
    ascii_[c] = static_cast<char>(mapped);
  }
}

void BertNormalizer::Normalize(std::string_view text, std::string& out) const {
  out.clear();
  out.reserve(text.size() + text.size() / 2);
  Writer writer(*this, out);
  for (size_t i = 0; i < text.size();) {
    const unsigned char byte = static_cast<unsigned char>(text[i]);
    if (byte < 0x80) {
      const char mapped = ascii_[byte];
      ++i;
      if (mapped == 0 && (byte != 0 || options_.clean_text)) continue;
      writer.Flush();
      out.push_back(mapped);
    } else {
      const DecodedChar decoded = DecodeChar(text.substr(i));
      writer.Put(decoded.code_point);
      i += decoded.length;
    }
  }
  writer.Flush();
}

std::string BertNormalizer::Describe() const {
  const std::pair<bool, const char*> settings[] = {{options_.clean_text, "clean_text"},
                                                   {options_.handle_chinese_chars, "handle_chinese_chars"},
                                                   {strip_accents_, "strip_accents"},
                                                   {options_.lowercase, "lowercase"}};
  std::string on;
  for (const auto& [is_on, name] : settings) {
    if (is_on) absl::StrAppend(&on, on.empty() ? "" : ", ", name);
  }
  return on.empty() ? "BertNormalizer" : absl::StrCat("BertNormalizer (", on, ")");
}

}  // namespace verdict
