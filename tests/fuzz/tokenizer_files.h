#pragma once

#include <array>
#include <string>
#include <string_view>

#include "services/classifier/text/load_tokenizer.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {

// Tokenizes some texts with a tokenizer whose files may hold anything.
inline void UseTokenizer(const Tokenizer& tokenizer) {
  static const std::array<TextInput, 5> kInputs = {{{"", {}},
                                                    {"A caf\u00e9, \u4e2d\u6587 and un\u0301familiar words\u2026 [MASK]", {}},
                                                    {"hello hello", "a second text"},
                                                    {" \t\n\u00a0\U0001F469\u200D\U0001F680 don't 12345", {}},
                                                    {"\uFB01ne \u2460 \u00C5ngstr\u00F6m \uD55C\uAE00 <s></s>", ""}}};
  for (const TextInput& input : kInputs) {
    const auto encoding = tokenizer.Encode(input, 4096, TruncationPolicy::kHead);
    if (!encoding.ok()) continue;
    Expect(encoding->sequence.ids.size() == encoding->sequence.type_ids.size(), "every token has a type");
    for (const int32_t id : encoding->sequence.ids) Expect(id >= 0 && id < tokenizer.vocabulary_size(), "tokens are known");
  }
  (void)tokenizer.Describe();
}

}  // namespace verdict
