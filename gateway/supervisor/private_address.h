#pragma once

#include <memory>
#include <string>
#include <vector>

namespace verdict {

// An address on which the service listens for its gateway alone: a Unix socket in a directory of mode 0700, in the first of the
// given places where one can be made. Where none can (a read-only root without a tmpfs), an abstract Unix socket with a name that
// cannot be guessed. The destructor removes what was made.
class PrivateAddress {
 public:
  static std::unique_ptr<PrivateAddress> Create(const std::vector<std::string>& places);
  // $TMPDIR, /tmp, /dev/shm.
  static std::vector<std::string> UsualPlaces();

  ~PrivateAddress();
  PrivateAddress(const PrivateAddress&) = delete;

  const std::string& target() const { return target_; }  // as gRPC reads it
  bool abstract() const { return directory_.empty(); }

 private:
  PrivateAddress(std::string directory, std::string target) : directory_(std::move(directory)), target_(std::move(target)) {}

  const std::string directory_;
  const std::string target_;
};

}  // namespace verdict
