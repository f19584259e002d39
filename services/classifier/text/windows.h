#pragma once

#include <cstddef>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/text/tokenizer.h"

namespace verdict {

// Content tokens [begin, end) of a text.
struct WindowSpan {
  size_t begin = 0;
  size_t end = 0;

  bool operator==(const WindowSpan&) const = default;
};

// Lays windows of `room` content tokens over a text of `tokens`, each sharing `plan.stride` with the one before it, until one
// reaches the end: what `tokenizers` does with return_overflowing_tokens. A text that fits is one window. Errors: those of
// Tokenizer::EncodeWindows.
absl::StatusOr<std::vector<WindowSpan>> LayWindows(size_t tokens, size_t room, const WindowPlan& plan);

}  // namespace verdict
