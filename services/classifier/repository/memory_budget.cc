#include "services/classifier/repository/memory_budget.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "common/utf8.h"

namespace verdict {
namespace {

constexpr int64_t kKeptFree = 20;  // one part in so many

std::string Megabytes(int64_t bytes) { return absl::StrFormat("%.1f MB", static_cast<double>(bytes) / 1e6); }

}  // namespace

MemoryBudget::Promise::Promise(Promise&& other) noexcept
    : owner_(std::exchange(other.owner_, nullptr)), bytes_(std::exchange(other.bytes_, 0)) {}

MemoryBudget::Promise& MemoryBudget::Promise::operator=(Promise&& other) noexcept {
  std::swap(owner_, other.owner_);
  std::swap(bytes_, other.bytes_);
  return *this;
}

MemoryBudget::Promise::~Promise() {
  if (owner_ != nullptr) owner_->GiveBack(bytes_);
}

void MemoryBudget::Promise::ShrinkTo(int64_t bytes) {
  if (owner_ == nullptr || bytes >= bytes_) return;
  owner_->GiveBack(bytes_ - bytes);
  bytes_ = bytes;
}

MemoryBudget::MemoryBudget(std::function<MemoryState()> measure) : measure_(std::move(measure)), before_(measure_().used) {}

absl::StatusOr<MemoryBudget::Promise> MemoryBudget::Reserve(const std::string& name, int64_t bytes) {
  const std::lock_guard lock(mutex_);
  const MemoryState now = measure_();
  const int64_t used = std::max(now.used, before_ + promised_);
  const int64_t left = std::max<int64_t>(0, now.limit - now.limit / kKeptFree - used);
  if (bytes > left) {
    return absl::ResourceExhaustedError(absl::StrCat("model \"", Shortened(name), "\" does not fit into memory: it takes about ",
                                                     Megabytes(bytes), ", and ", Megabytes(left), " of ", Megabytes(now.limit),
                                                     " are left; unload another first"));
  }
  promised_ += bytes;
  return Promise(this, bytes);
}

MemoryBudget::Promise MemoryBudget::Note(int64_t bytes) {
  const std::lock_guard lock(mutex_);
  promised_ += bytes;
  return Promise(this, bytes);
}

void MemoryBudget::GiveBack(int64_t bytes) {
  const std::lock_guard lock(mutex_);
  promised_ -= bytes;
}

}  // namespace verdict
