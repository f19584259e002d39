#include "process/kept_files.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <cerrno>

namespace verdict {
namespace {

std::optional<std::string> ReadFromBegin(int descriptor) {
  std::string text;
  std::array<char, 8 * 1024> piece;
  for (;;) {
    const ssize_t size = pread(descriptor, piece.data(), piece.size(), static_cast<off_t>(text.size()));
    if (size == 0) return text;
    if (size > 0) text.append(piece.data(), static_cast<size_t>(size));
    if (size < 0 && errno != EINTR) return std::nullopt;
  }
}

}  // namespace

KeptFiles::~KeptFiles() {
  for (const auto& [path, descriptor] : descriptors_) {
    if (descriptor != kNone) close(descriptor);
  }
}

// What is not open is looked for again: it may have come since.
int KeptFiles::Open(const std::string& path) {
  const auto known = descriptors_.find(path);
  if (known != descriptors_.end() && known->second != kNone) return known->second;
  const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC);
  const bool told = descriptor >= 0 || (errno != EMFILE && errno != ENFILE && errno != ENOMEM);
  if (told) return descriptors_[path] = descriptor;
  if (known == descriptors_.end()) failed_ = true;
  return kNone;
}

std::optional<std::string> KeptFiles::Read(const std::string& path) {
  const int descriptor = Open(path);
  if (descriptor == kNone) return std::nullopt;
  if (auto text = ReadFromBegin(descriptor)) return text;
  close(descriptor);  // the cgroup that it was of may be gone
  descriptors_.erase(path);
  const int again = Open(path);
  auto text = again == kNone ? std::nullopt : ReadFromBegin(again);
  if (again != kNone && !text) failed_ = true;
  return text;
}

}  // namespace verdict
