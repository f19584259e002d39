#include "services/classifier/text/windows.h"

#include <algorithm>

#include "absl/strings/str_cat.h"

namespace verdict {

absl::StatusOr<std::vector<WindowSpan>> LayWindows(size_t tokens, size_t room, const WindowPlan& plan) {
  if (room == 0) {
    return absl::InvalidArgumentError(absl::StrCat("windows of ", plan.size, " tokens have no room beside the special tokens"));
  }
  const size_t stride = plan.stride ? static_cast<size_t>(*plan.stride) : room / 4;
  if (stride >= room) {
    return absl::InvalidArgumentError(absl::StrCat("windows of ", plan.size, " tokens hold ", room,
                                                   " content tokens, and neighbours cannot share ", stride, " of them"));
  }
  const size_t step = room - stride;
  const size_t count = tokens <= room ? 1 : 1 + (tokens - room + step - 1) / step;
  if (count > static_cast<size_t>(plan.max_windows)) {
    return absl::InvalidArgumentError(absl::StrCat("the text needs ", count, " windows, at most ", plan.max_windows,
                                                   " are taken; use larger ones or a smaller stride"));
  }
  std::vector<WindowSpan> spans;
  for (size_t i = 0; i < count; ++i) spans.push_back({i * step, std::min(tokens, i * step + room)});
  return spans;
}

}  // namespace verdict
