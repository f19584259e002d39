#pragma once

#include <string>

#include "boost/json/array.hpp"
#include "gateway/json/json_body.h"

namespace verdict {

// The `text` of a request of the sentiment service: not blank, at most 5,000 characters. Problems are 422 with the body of the
// contract in `json`, and 400 for what cannot be decoded at all.
ProblemOr<std::string> ReadSentimentText(JsonBody& body);

// The `texts`: a list of at least one string, each as above; the list lives as long as `body`, and nothing of it is copied. At
// most a hundred of them are reported at once.
ProblemOr<const boost::json::array*> ReadSentimentTexts(JsonBody& body);

}  // namespace verdict
