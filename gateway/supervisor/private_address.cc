#include "gateway/supervisor/private_address.h"

#include <sys/un.h>
#include <unistd.h>

#include <cstdlib>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

constexpr char kSocketName[] = "/service.sock";

// A new directory of mode 0700; empty when it cannot be made there, or the socket's path would be longer than an address holds.
std::string MakeDirectory(const std::string& place) {
  std::string path = absl::StrCat(place, "/verdict-XXXXXX");
  if (place.empty() || path.size() + sizeof(kSocketName) > sizeof(sockaddr_un::sun_path)) return "";
  return mkdtemp(path.data()) == nullptr ? "" : path;
}

std::string AbstractTarget() {
  absl::BitGen random;
  const auto any = [&] { return absl::Hex(absl::Uniform<uint64_t>(random), absl::kZeroPad16); };
  return absl::StrCat("unix-abstract:verdict-", any(), any());
}

}  // namespace

std::vector<std::string> PrivateAddress::UsualPlaces() {
  std::vector<std::string> places = {"/tmp", "/dev/shm"};
  if (const char* place = std::getenv("TMPDIR")) places.insert(places.begin(), place);
  return places;
}

std::unique_ptr<PrivateAddress> PrivateAddress::Create(const std::vector<std::string>& places) {
  for (const std::string& place : places) {
    std::string directory = MakeDirectory(place);
    if (directory.empty()) continue;
    std::string target = absl::StrCat("unix:", directory, kSocketName);
    return std::unique_ptr<PrivateAddress>(new PrivateAddress(std::move(directory), std::move(target)));
  }
  return std::unique_ptr<PrivateAddress>(new PrivateAddress("", AbstractTarget()));
}

PrivateAddress::~PrivateAddress() {
  if (abstract()) return;
  unlink((directory_ + kSocketName).c_str());
  rmdir(directory_.c_str());
}

}  // namespace verdict
