#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"

namespace verdict {

// The names that certificates in PEM prove, kept: reading a certificate takes a third of a millisecond, which every call of a
// client would pay. Only for verified certificates, of which there are not many; thread-safe.
class PemNames {
 public:
  static constexpr size_t kMost = 1024;  // certificates that are kept

  // NamesOf the first certificate in `pem`; null where there is none.
  std::shared_ptr<const std::vector<std::string>> Of(std::string_view pem);

 private:
  std::mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<const std::vector<std::string>>> kept_;
};

}  // namespace verdict
