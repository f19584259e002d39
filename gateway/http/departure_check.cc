#include "gateway/http/departure_check.h"

namespace verdict {
namespace {

// Most answers take less, and their callers never see the question.
constexpr absl::Duration kBeforeAsking = absl::Milliseconds(250);
// A round trip, and then another look at whoever is far away.
constexpr absl::Duration kBetweenLooks = absl::Milliseconds(250);
constexpr std::string_view kQuestion = "HTTP/1.1 100 Continue\r\n\r\n";

}  // namespace

void DepartureCheck::Begin() {
  if (begun_ || !may_ask_) return;
  begun_ = true;
  connection_.ExpireAfter(kBeforeAsking);
}

Awaitable<> DepartureCheck::Continue() {
  connection_.ExpireAfter(kBetweenLooks);
  if (!asked_) {
    asked_ = true;
    co_await connection_.Write(kQuestion, {});  // closes where it fails
  } else if (connection_.IsReset()) {
    connection_.Close();
  }
}

}  // namespace verdict
