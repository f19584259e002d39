#include "services/classifier/rpc/client_identity.h"

#include "gtest/gtest.h"

namespace verdict {
namespace {

TEST(ClientIdentity, AnAddressIsTheSameOnEveryPort) {
  EXPECT_EQ(WithoutPort("ipv4:10.0.0.7:5123"), "ipv4:10.0.0.7");
  EXPECT_EQ(WithoutPort("ipv6:[::1]:5123"), "ipv6:[::1]");
  EXPECT_EQ(WithoutPort("ipv6:%5B::1%5D:5123"), "ipv6:%5B::1%5D");
  EXPECT_EQ(WithoutPort("unix:/run/verdict.sock"), "unix:/run/verdict.sock");
  EXPECT_EQ(WithoutPort(""), "");
}

}  // namespace
}  // namespace verdict
