#pragma once

#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace verdict {

// What a client's certificate says.
struct PeerCertificate {
  std::vector<std::string> names;  // see NamesOf
  absl::Time not_after;
};

// Certificates in PEM, read once: reading one takes a third of a millisecond, which every call of a client would pay. Only for
// verified certificates, of which there are not many; thread-safe.
class PeerCertificates {
 public:
  static constexpr size_t kMost = 1024;  // certificates that are kept

  // The first certificate in `pem`; null where there is none.
  std::shared_ptr<const PeerCertificate> Read(std::string_view pem);

 private:
  std::mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<const PeerCertificate>> kept_;
};

}  // namespace verdict
