#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace verdict {

// As long as it lives, this process cannot open anything.
class NoDescriptors {
 public:
  NoDescriptors() {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = dup(STDIN_FILENO);
    close(next);
    const rlimit none = {static_cast<rlim_t>(next), before_.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    EXPECT_EQ(dup(STDIN_FILENO), -1);
  }
  ~NoDescriptors() { setrlimit(RLIMIT_NOFILE, &before_); }
  NoDescriptors(const NoDescriptors&) = delete;

 private:
  rlimit before_ = {};
};

}  // namespace verdict
