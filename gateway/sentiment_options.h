#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/options.h"
#include "gateway/gateway.h"

namespace verdict {

// The options of the sentiment service's contract and of web pages, as the parser fills them.
struct SentimentFlags {
  std::string listen;
  SentimentOptions dialect;
  std::vector<std::string> cors_origins;
};

// Declares them; `flags` outlives the parser.
void DeclareSentimentOptions(OptionParser& parser, SentimentFlags& flags);

// Puts them into `options`, whose http.listen is set already. Error: kInvalidArgument for an origin that is none.
absl::Status ApplySentimentOptions(const SentimentFlags& flags, Gateway::Options& options);

}  // namespace verdict
