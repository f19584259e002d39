#pragma once

#include <cstddef>
#include <string_view>

namespace verdict {

// Length in bytes of the extended grapheme cluster at the start of `text`, which is not empty and well-formed UTF-8, as the
// `tokenizers` package cuts them (Unicode Standard Annex 29). Linear in the cluster. Only clusters shorter than six bytes matter
// to it, so pairs of regional indicators, eight bytes each, need no rule.
size_t GraphemeClusterLength(std::string_view text);

}  // namespace verdict
