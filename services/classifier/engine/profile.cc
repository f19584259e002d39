#include "services/classifier/engine/profile.h"

#include <utility>

namespace verdict {

void Profile::Span::Begin(std::string name) {
  name_ = std::move(name);
  outer_ = std::exchange(profile_->current_, this);
  begin_ = std::chrono::steady_clock::now();
}

void Profile::Span::End() {
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin_).count();
  Operator& entry = profile_->operators_[name_];
  ++entry.calls;
  entry.seconds += seconds - inner_;
  entry.flop += flop_;
  if (outer_ != nullptr) outer_->inner_ += seconds;
  profile_->current_ = outer_;
}

}  // namespace verdict
