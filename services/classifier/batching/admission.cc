#include "services/classifier/batching/admission.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace verdict {

Admission::Permit::Permit(Permit&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), texts_(other.texts_), bytes_(other.bytes_) {}

Admission::Permit& Admission::Permit::operator=(Permit&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(texts_, other.texts_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

Admission::Permit::~Permit() {
  if (owner_ != nullptr) owner_->Return(texts_, bytes_);
}

absl::StatusOr<Admission::Permit> Admission::Admit(int64_t texts, int64_t bytes) {
  if (texts > limits_.texts || bytes > limits_.bytes) {
    return absl::InvalidArgumentError(absl::StrCat("the request holds ", texts, " texts of ", bytes, " bytes together; at most ",
                                                   limits_.texts, " texts of ", limits_.bytes,
                                                   " bytes are admitted at one time"));
  }
  const std::lock_guard lock(mutex_);
  if (texts_ + texts > limits_.texts || bytes_ + bytes > limits_.bytes) {
    return absl::ResourceExhaustedError(
        absl::StrCat("overloaded: ", texts_, " texts of ", bytes_, " bytes together are waiting; try again later"));
  }
  texts_ += texts;
  bytes_ += bytes;
  return Permit(this, texts, bytes);
}

void Admission::Return(int64_t texts, int64_t bytes) {
  const std::lock_guard lock(mutex_);
  texts_ -= texts;
  bytes_ -= bytes;
}

}  // namespace verdict
