#include "gateway/supervisor/private_address.h"

#include <sys/stat.h>
#include <unistd.h>

#include <cstdio>
#include <cstdlib>

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::StartsWith;

std::string DirectoryOf(const PrivateAddress& address) {
  std::string path = address.target();
  path.erase(0, std::string("unix:").size());
  return path.substr(0, path.rfind('/'));
}

TEST(PrivateAddressTest, IsASocketThatOnlyWeCanReach) {
  const auto address = PrivateAddress::Create({"/tmp"});
  EXPECT_THAT(address->target(), StartsWith("unix:/tmp/verdict-"));
  struct stat info = {};
  ASSERT_EQ(stat(DirectoryOf(*address).c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0700u);
}

TEST(PrivateAddressTest, RemovesWhatItMade) {
  auto address = PrivateAddress::Create({"/tmp"});
  const std::string directory = DirectoryOf(*address);
  fclose(fopen((directory + "/service.sock").c_str(), "w"));
  address.reset();
  EXPECT_NE(access(directory.c_str(), F_OK), 0);
}

TEST(PrivateAddressTest, TakesTheFirstPlaceThatWorks) {
  const std::string too_long = "/tmp/" + std::string(90, 'x');
  ASSERT_EQ(mkdir(too_long.c_str(), 0700), 0);
  const auto address = PrivateAddress::Create({"", "/proc", "/no/such/place", too_long, "/tmp"});
  EXPECT_THAT(address->target(), StartsWith("unix:/tmp/verdict-"));
  EXPECT_LT(address->target().size(), 60u);
  rmdir(too_long.c_str());
}

TEST(PrivateAddressTest, WithoutAPlaceTheNameIsAbstractAndCannotBeGuessed) {
  const auto one = PrivateAddress::Create({"/proc"});
  const auto other = PrivateAddress::Create({});
  EXPECT_TRUE(one->abstract());
  EXPECT_THAT(one->target(), StartsWith("unix-abstract:verdict-"));
  EXPECT_EQ(one->target().size(), other->target().size());
  EXPECT_NE(one->target(), other->target());
}

TEST(PrivateAddressTest, LooksFirstWhereTheEnvironmentSays) {
  setenv("TMPDIR", "/somewhere", 1);
  EXPECT_THAT(PrivateAddress::UsualPlaces(), ElementsAre("/somewhere", "/tmp", "/dev/shm"));
  unsetenv("TMPDIR");
  EXPECT_THAT(PrivateAddress::UsualPlaces(), ElementsAre("/tmp", "/dev/shm"));
}

}  // namespace
}  // namespace verdict
