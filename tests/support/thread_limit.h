#pragma once

#include <dlfcn.h>
#include <pthread.h>

#include <atomic>
#include <cerrno>

namespace verdict {

// While it lives, the process can start so many threads more and then none, as under a limit of a container's processes. It
// works by a pthread_create of its own, which the C++ library finds before the system's.
class ThreadLimit {
 public:
  explicit ThreadLimit(int more) { left_ = more; }
  ~ThreadLimit() { left_ = kAny; }
  ThreadLimit(const ThreadLimit&) = delete;
  ThreadLimit& operator=(const ThreadLimit&) = delete;

  static bool Take() { return left_ == kAny || left_.fetch_sub(1) > 0; }

 private:
  static constexpr int kAny = 1 << 30;
  inline static std::atomic<int> left_ = kAny;
};

}  // namespace verdict

// Weak: several files of an executable may include this.
extern "C" __attribute__((weak)) int pthread_create(pthread_t* thread, const pthread_attr_t* attributes, void* (*start)(void*),
                                                    void* argument) noexcept {
  if (!verdict::ThreadLimit::Take()) return EAGAIN;
  static const auto next = reinterpret_cast<decltype(&pthread_create)>(dlsym(RTLD_NEXT, "pthread_create"));
  return next(thread, attributes, start, argument);
}
