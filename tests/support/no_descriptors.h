#pragma once

#include <sys/resource.h>
#include <unistd.h>

#include "gtest/gtest.h"

namespace verdict {

// As long as it lives, this process cannot open anything, or nothing `but` so much.
class NoDescriptors {
 public:
  explicit NoDescriptors(int but = 0) {
    getrlimit(RLIMIT_NOFILE, &before_);
    const int next = dup(STDIN_FILENO);
    close(next);
    const rlimit few = {static_cast<rlim_t>(next + but), before_.rlim_max};
    EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &few), 0);
    EXPECT_TRUE(but > 0 || dup(STDIN_FILENO) == -1);
  }
  ~NoDescriptors() { EXPECT_EQ(setrlimit(RLIMIT_NOFILE, &before_), 0); }
  NoDescriptors(const NoDescriptors&) = delete;

 private:
  rlimit before_ = {};
};

}  // namespace verdict
