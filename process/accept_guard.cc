#include "process/accept_guard.h"

#include <sys/socket.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <new>

#include "absl/time/time.h"
#include "common/logging.h"
#include "common/steady_clock.h"
#include "process/descriptor_limit.h"

namespace verdict {
namespace {

constexpr uint64_t kShare = 4;
constexpr uint64_t kMostKept = 64;
constexpr int64_t kQuietSeconds = 60;

std::atomic<uint64_t> closed{0};
std::atomic<int64_t> quiet_until{0};  // seconds of SteadyNow

// Logged once in a while: whoever opens so many connections opens more.
void Tell() {
  const int64_t now = absl::ToUnixSeconds(SteadyNow());
  int64_t until = quiet_until;
  if (now < until || !quiet_until.compare_exchange_strong(until, now + kQuietSeconds)) return;
  try {
    LogWarning("a connection is closed: nearly all descriptors are in use", {{"limit", static_cast<int64_t>(DescriptorLimit())}});
  } catch (const std::bad_alloc&) {  // libgrpc has no use for it
  }
}

bool IsWantOfDescriptors(int error) { return error == EMFILE || error == ENFILE || error == ENOBUFS || error == ENOMEM; }

// What befell the connection and not the listener, as accept(2) has it.
bool IsOfTheConnection(int error) {
  for (const int each :
       {EINTR, ECONNABORTED, EPERM, EPROTO, ENETDOWN, ENOPROTOOPT, EHOSTDOWN, ENONET, EHOSTUNREACH, EOPNOTSUPP, ENETUNREACH}) {
    if (error == each) return true;
  }
  return false;
}

int FamilyOf(int listener) {
  sockaddr_storage address{};
  socklen_t length = sizeof(address);
  return getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) == 0 ? address.ss_family : AF_UNSPEC;
}

// Descriptors have the lowest number that is free: one with a high number says how many there are.
bool IsTooHigh(int descriptor, int listener) {
  const uint64_t limit = DescriptorLimit();
  const uint64_t kept = std::min(limit / kShare, kMostKept);
  const auto number = static_cast<uint64_t>(descriptor);
  return number >= limit - kept && (number >= limit - kept / 2 || FamilyOf(listener) != AF_UNIX);
}

}  // namespace

uint64_t ConnectionsWithoutDescriptor() { return closed; }

}  // namespace verdict

// In place of the C library's, for all libraries of the program.
extern "C" __attribute__((visibility("default"))) int accept4(int listener, sockaddr* address, socklen_t* length, int flags) {
  const socklen_t room = length != nullptr ? *length : 0;
  for (;;) {
    if (length != nullptr) *length = room;
    const int descriptor = static_cast<int>(syscall(SYS_accept4, listener, address, length, flags));
    if (descriptor < 0) {
      if (verdict::IsOfTheConnection(errno)) continue;
      if (!verdict::IsWantOfDescriptors(errno)) return descriptor;
      verdict::Tell();
      errno = EAGAIN;  // it is asked again when the next connection comes
      return -1;
    }
    if (!verdict::IsTooHigh(descriptor, listener)) return descriptor;
    close(descriptor);
    ++verdict::closed;
    verdict::Tell();
  }
}
