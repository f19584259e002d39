#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/options.h"

namespace verdict {

// Which requests get a line in the log: all, or failures alone, or none, and of the successes perhaps a share. A value;
// thread-safe.
class AccessLogPolicy {
 public:
  enum class Requests { kAll, kFailures, kNone };

  // The options as the parser fills them. `requests` is all, failures or off.
  struct Flags {
    std::string requests = "all";
    double sample_rate = 1;
    int slow_ms = 1000;
  };
  static void Declare(OptionParser& parser, Flags& flags);
  // Errors: kInvalidArgument.
  static absl::StatusOr<AccessLogPolicy> Create(const Flags& flags);

  // What came of a request.
  struct Request {
    std::string_view request_id = {};
    bool failed = false;
    absl::Duration duration = {};
  };

  // Whether a request gets its line. Failures and slow ones always do, unless none shall; of the others the same ids are chosen
  // in every process. A request without an id is chosen by chance.
  bool Keeps(const Request& request) const;

 private:
  Requests requests_ = Requests::kAll;
  uint64_t bound_ = 0;  // hashes below it are kept, out of 2^32
  absl::Duration slow_ = absl::InfiniteDuration();
};

}  // namespace verdict
