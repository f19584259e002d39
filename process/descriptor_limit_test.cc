#include "process/descriptor_limit.h"

#include <sys/resource.h>

#include "gtest/gtest.h"

namespace verdict {
namespace {

TEST(DescriptorLimit, IsRaisedToTheHardOne) {
  rlimit before = {};
  getrlimit(RLIMIT_NOFILE, &before);
  const rlimit low = {100, before.rlim_max};
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  const uint64_t told = RaiseDescriptorLimit();
  rlimit then = {};
  getrlimit(RLIMIT_NOFILE, &then);
  setrlimit(RLIMIT_NOFILE, &before);
  EXPECT_EQ(then.rlim_cur, before.rlim_max);
  EXPECT_EQ(then.rlim_max, before.rlim_max);
  EXPECT_EQ(told, before.rlim_max);
}

}  // namespace
}  // namespace verdict
