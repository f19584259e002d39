#pragma once

#include <ATen/core/Tensor.h>

#include <exception>
#include <string>
#include <type_traits>

#include "absl/status/statusor.h"
#include "services/classifier/api/backend.h"

namespace verdict {

// The message of an exception of LibTorch, without its backtrace: the first line only.
std::string TorchMessage(const std::exception& exception);

// Calls `action` (which returns a StatusOr) and turns what LibTorch throws into kInternal.
template <typename Action>
std::invoke_result_t<Action> CatchTorch(Action action) {
  try {
    return action();
  } catch (const std::exception& exception) {
    return absl::InternalError(TorchMessage(exception));
  }
}

// Lets this thread's operators run on `threads` threads; cheap when nothing changes.
void UseThreads(int threads);

// Copies a [rows, columns] tensor of any floating type. Error: kInternal when it has another shape.
absl::StatusOr<Logits> ToLogits(const at::Tensor& tensor);

}  // namespace verdict
