#pragma once

#include <new>

#include "absl/functional/function_ref.h"

namespace verdict {

// Runs what takes memory itself where memory has run out, such as a line of the log; without any it is not done.
inline void UnlessOutOfMemory(absl::FunctionRef<void()> work) {
  try {
    work();
  } catch (const std::bad_alloc&) {
    return;
  }
}

}  // namespace verdict
