#include "services/classifier/torchscript/torch_runtime.h"

#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <c10/util/Exception.h>

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace verdict {

std::string TorchMessage(const std::exception& exception) {
  const auto* torch_error = dynamic_cast<const c10::Error*>(&exception);
  const std::string message = torch_error != nullptr ? torch_error->what_without_backtrace() : exception.what();
  return message.substr(0, message.find('\n'));
}

void UseThreads(int threads) {
  thread_local int current = 0;  // OpenMP keeps the number per thread
  if (current == threads) return;
  at::set_num_threads(threads);
  current = threads;
}

absl::StatusOr<Logits> ToLogits(const at::Tensor& tensor) {
  if (tensor.dim() != 2)
    return absl::InternalError(absl::StrCat("the model answered a tensor of ", tensor.dim(), " dimensions, not 2"));
  const at::Tensor plain = tensor.to(at::kCPU, at::kFloat).contiguous();
  Logits logits{.rows = static_cast<int>(plain.size(0)), .columns = static_cast<int>(plain.size(1)), .values = {}};
  const auto* values = plain.const_data_ptr<float>();
  logits.values.assign(values, values + plain.numel());
  return logits;
}

}  // namespace verdict
