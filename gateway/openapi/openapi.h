#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace verdict {

// The part of an OpenAPI document that one dialect has written: tags, paths, components.
struct OpenApiFragment {
  std::string dialect;
  std::string_view text;  // JSON
};

// One OpenAPI 3.1 document out of the parts that all dialects share (`base`: info, servers, components) and theirs, given in
// their order of precedence, as the router puts their routes together:
// - An operation with a body that several have is one whose body and answers are those of any of them: schemas in `anyOf`,
// because
//   the answers of two contracts may look alike and a body may match two (which is then a 400). Other operations are the first
//   one's.
// - POST /invocations is there as /models/{model}/invoke, too.
// - Every operation may answer what the server says before it asks a dialect: see kServerResponses in the source.
// Error: kInternal for a part that is no JSON object, or a component that two define.
absl::StatusOr<std::string> MergeOpenApi(std::string_view base, const std::vector<OpenApiFragment>& fragments,
                                         std::string_view version);

}  // namespace verdict
