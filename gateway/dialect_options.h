#pragma once

#include <string>

#include "absl/status/status.h"
#include "common/options.h"
#include "gateway/dialects/registry.h"

namespace verdict {

// The options of single contracts as the parser fills them.
class DialectFlags {
 public:
  // `parser` writes into this object, which stays where it is until then.
  explicit DialectFlags(OptionParser& parser);
  DialectFlags(const DialectFlags&) = delete;

  // Into what the dialects are made from. Error: kInvalidArgument for a route that is none.
  absl::Status CopyTo(DialectOptions& options) const;

 private:
  std::string huggingface_format_ = "auto";
  std::string kserve_predictions_ = "labels";
  std::string vertex_predict_route_;
  std::string vertex_health_route_;
  int tei_max_client_batch_size_ = 32;
  int torchserve_top_k_ = 5;
};

}  // namespace verdict
