#include "services/classifier/text/grapheme_cluster.h"

#include "services/classifier/text/unicode_data.h"
#include "services/classifier/text/utf8_codec.h"

namespace verdict {
namespace {

using Class = GraphemeClass;

bool ContinuesHangul(Class before, Class next) {
  switch (before) {
    case Class::kHangulL:
      return next == Class::kHangulL || next == Class::kHangulV || next == Class::kHangulLV || next == Class::kHangulLVT;
    case Class::kHangulLV:
    case Class::kHangulV:
      return next == Class::kHangulV || next == Class::kHangulT;
    case Class::kHangulLVT:
    case Class::kHangulT:
      return next == Class::kHangulT;
    default:
      return false;
  }
}

// Follows the rules from one character to the next.
class ClusterScanner {
 public:
  explicit ClusterScanner(const CharProperties& first) { Take(first); }

  bool Continues(const CharProperties& next) const {
    const Class next_class = GraphemeClassOf(next);
    if (last_ == Class::kControl || next_class == Class::kControl) return false;
    if (next_class == Class::kExtend || next_class == Class::kSpacingMark || next_class == Class::kJoiner) return true;
    if (last_ == Class::kPrepend || ContinuesHangul(last_, next_class)) return true;
    if (next_class == Class::kPictograph && last_ == Class::kJoiner && pictograph_) return true;
    return kJoinsConjuncts && linked_ && (next.grapheme & kConjunctConsonant);
  }

  void Take(const CharProperties& next) {
    last_ = GraphemeClassOf(next);
    pictograph_ = last_ == Class::kPictograph || (pictograph_ && (last_ == Class::kExtend || last_ == Class::kJoiner));
    if (next.grapheme & kConjunctConsonant) {
      consonant_ = true;
      linked_ = false;
    } else if (next.grapheme & kConjunctLinker) {
      linked_ = consonant_;
    } else if (!(next.grapheme & kConjunctExtend)) {
      consonant_ = linked_ = false;
    }
  }

 private:
  Class last_ = Class::kOther;
  bool pictograph_ = false;  // a pictograph with nothing but extending characters behind it
  bool consonant_ = false;   // a consonant with nothing but linkers and extending characters behind it
  bool linked_ = false;      // a linker among them
};

}  // namespace

size_t GraphemeClusterLength(std::string_view text) {
  if (text.substr(0, 2) == "\r\n") return 2;
  const DecodedChar first = DecodeChar(text);
  size_t length = static_cast<size_t>(first.length);
  if (length == text.size()) return length;
  ClusterScanner scanner(PropertiesOf(first.code_point));
  while (length < text.size()) {
    const DecodedChar next = DecodeChar(text.substr(length));
    const CharProperties& properties = PropertiesOf(next.code_point);
    if (!scanner.Continues(properties)) break;
    scanner.Take(properties);
    length += static_cast<size_t>(next.length);
  }
  return length;
}

}  // namespace verdict
