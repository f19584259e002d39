#pragma once

#include <string>
#include <vector>

#include "gateway/json/json_body.h"

namespace verdict {

// The `text` of a request of the sentiment service: not blank, at most 5,000 characters. Problems are 422 with the body of the
// contract in `json`, and 400 for what cannot be decoded at all.
ProblemOr<std::string> ReadSentimentText(JsonBody& body);

// The `texts`: at least one, each as above. At most a hundred of them are reported at once.
ProblemOr<std::vector<std::string>> ReadSentimentTexts(JsonBody& body);

}  // namespace verdict
