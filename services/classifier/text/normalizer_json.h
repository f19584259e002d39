#pragma once

#include "absl/status/statusor.h"
#include "services/classifier/text/json_view.h"
#include "services/classifier/text/normalizer.h"

namespace verdict {

// The normalizer of a tokenizer.json, as steps; none when there is none. Errors: kInvalidArgument for what is malformed,
// kUnimplemented for a kind or a regular expression that is not built here; one line that names the file and the member.
absl::StatusOr<Normalizers> ReadNormalizers(const JsonView& document);

// The base64 text of a precompiled_charsmap.
absl::StatusOr<std::string> ReadCharacterMap(const JsonView& normalizer);

// Whether a regular expression has no character with a meaning of its own, and so matches itself only.
bool IsLiteralRegex(std::string_view regex);

}  // namespace verdict
