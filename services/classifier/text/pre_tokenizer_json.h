#pragma once

#include "absl/status/statusor.h"
#include "services/classifier/text/json_view.h"
#include "services/classifier/text/pre_tokenizer.h"

namespace verdict {

struct PreTokenizerSteps {
  PreTokenizers steps;
  // The last step writes bytes as characters. With `raw_bytes` asked for it does not, and hands the bytes to the model.
  bool ends_with_byte_level = false;
};

// The pre_tokenizer of a tokenizer.json, as steps; none when there is none. Errors: kInvalidArgument for what is malformed,
// kUnimplemented for a kind or a regular expression that is not built here; one line that names the file and the member.
absl::StatusOr<PreTokenizerSteps> ReadPreTokenizers(const JsonView& document, bool raw_bytes);

}  // namespace verdict
