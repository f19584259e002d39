#include "services/classifier/engine/prepared_weights.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>
#define XXH_INLINE_ALL
#include <xxhash.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>
#include <string>
#include <system_error>
#include <utility>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "services/classifier/engine/aligned_buffer.h"

namespace verdict {
namespace {

constexpr size_t kChunk = 256U << 10U;  // fits the second-level cache, where its checksum is taken
constexpr uint64_t kAlignment = 64;
// Raised when the layout of a piece changes.
constexpr std::array<char, 16> kMagic = {'v', 'e', 'r', 'd', 'i', 'c', 't', ' ', 'w', 'e', 'i', 'g', 'h', 't', 's', '1'};
constexpr uint64_t kMostIndexBytes = 64U << 20U;

struct Header {
  std::array<char, 16> magic = kMagic;
  uint64_t entries = 0;
  uint64_t index = 0;  // where it begins; it ends where the file does
  uint64_t index_bytes = 0;
  uint64_t index_checksum = 0;
  std::array<uint64_t, 2> unused{};
};
static_assert(sizeof(Header) == kAlignment);

struct Entry {
  std::array<uint64_t, 2> key{};
  uint64_t bytes = 0;
  uint64_t offset = 0;
};

size_t Chunks(uint64_t bytes) { return static_cast<size_t>((bytes + kChunk - 1) / kChunk); }

size_t ChunkBytes(uint64_t bytes, size_t chunk) { return std::min<uint64_t>(kChunk, bytes - chunk * kChunk); }

// Calls pread or pwrite until all bytes have passed.
template <typename Byte, typename Transfer>
bool TransferAll(Transfer transfer, int file, Byte* at, size_t bytes, uint64_t offset) {
  while (bytes > 0) {
    const ssize_t count = transfer(file, at, bytes, static_cast<off_t>(offset));
    if (count < 0 && errno == EINTR) continue;
    if (count <= 0) return false;
    at += count;
    offset += static_cast<uint64_t>(count);
    bytes -= static_cast<size_t>(count);
  }
  return true;
}

bool ReadAll(int file, void* to, size_t bytes, uint64_t offset) {
  return TransferAll(pread, file, static_cast<std::byte*>(to), bytes, offset);
}

bool WriteAll(int file, const void* from, size_t bytes, uint64_t offset) {
  return TransferAll(pwrite, file, static_cast<const std::byte*>(from), bytes, offset);
}

// A checksum of each chunk, and one of all of them.
std::array<uint64_t, 2> KeyOf(Team& team, const std::vector<std::span<const std::byte>>& sources, uint64_t kind) {
  std::vector<std::span<const std::byte>> chunks;
  for (const auto& source : sources) {
    for (size_t i = 0; i < Chunks(source.size()); ++i) chunks.push_back(source.subspan(i * kChunk, ChunkBytes(source.size(), i)));
  }
  std::vector<XXH128_hash_t> sums(chunks.size());
  team.For(static_cast<int64_t>(chunks.size()), [&](int64_t i, int /*thread*/) {
    const auto& chunk = chunks[static_cast<size_t>(i)];
    sums[static_cast<size_t>(i)] = XXH3_128bits_withSeed(chunk.data(), chunk.size(), kind);
  });
  const XXH128_hash_t all = XXH3_128bits_withSeed(sums.data(), sums.size() * sizeof(XXH128_hash_t), kind);
  return {all.low64, all.high64};
}

// Whether this process has a group.
bool HasGroup(gid_t group) {
  if (group == getegid()) return true;
  std::vector<gid_t> groups(static_cast<size_t>(std::max(getgroups(0, nullptr), 0)));
  const int count = getgroups(static_cast<int>(groups.size()), groups.data());
  groups.resize(static_cast<size_t>(std::max(count, 0)));
  return std::find(groups.begin(), groups.end(), group) != groups.end();
}

// Whether nobody but this user, its groups and root may have written a file. Volumes that Kubernetes mounts are open to a group
// of the container (fsGroup).
bool IsOurs(const struct stat& info) {
  if (info.st_uid != geteuid() && info.st_uid != 0) return false;
  return (info.st_mode & S_IWOTH) == 0 && ((info.st_mode & S_IWGRP) == 0 || HasGroup(info.st_gid));
}

const char kDraft[] = ".XXXXXX";

// Drafts of starts that were killed while they wrote.
void RemoveOldDrafts(const std::filesystem::path& path) {
  constexpr std::chrono::minutes kAge(10);
  const std::string begin = path.filename().string() + ".";
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator(path.parent_path(), error)) {
    const std::string name = entry.path().filename().string();
    if (!absl::StartsWith(name, begin) || name.size() != begin.size() + sizeof kDraft - 2) continue;
    const auto age = std::filesystem::file_time_type::clock::now() - entry.last_write_time(error);
    if (!error && age > kAge) std::filesystem::remove(entry.path(), error);
  }
}

absl::Status Failed(const std::string& what, const std::filesystem::path& path) {
  return absl::UnavailableError(absl::StrCat(what, " ", path.string(), ": ", std::generic_category().message(errno)));
}

}  // namespace

PreparedWeights::PreparedWeights(std::filesystem::path file) : path_(std::move(file)) {
  file_ = open(path_.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOFOLLOW);
  struct stat info {};
  if (file_ < 0 ? errno != ENOENT : fstat(file_, &info) != 0 || !S_ISREG(info.st_mode) || !IsOurs(info)) {
    foreign_ = true;
    LogWarning("prepared weights are neither read nor kept: the file cannot be opened, is no file, or others may write to it",
               {{"file", path_.string()}});
    return;
  }
  if (file_ < 0 || ReadIndex(static_cast<uint64_t>(info.st_size))) return;  // the first start has none
  stored_.clear();
  LogWarning("prepared weights are laid out anew: the file is damaged, or of another version", {{"file", path_.string()}});
}

PreparedWeights::~PreparedWeights() {
  if (file_ >= 0) close(file_);
}

bool PreparedWeights::ReadIndex(uint64_t size) {
  Header header;
  if (!ReadAll(file_, &header, sizeof header, 0) || header.magic != kMagic) return false;
  if (header.index_bytes > kMostIndexBytes || header.index > size || size - header.index != header.index_bytes) return false;
  std::vector<std::byte> index(header.index_bytes);
  if (!ReadAll(file_, index.data(), index.size(), header.index)) return false;
  if (XXH3_64bits(index.data(), index.size()) != header.index_checksum) return false;
  std::span<const std::byte> rest(index);
  for (uint64_t i = 0; i < header.entries; ++i) {
    Entry entry;
    if (rest.size() < sizeof entry) return false;
    std::memcpy(&entry, rest.data(), sizeof entry);
    rest = rest.subspan(sizeof entry);
    if (entry.offset > header.index || entry.bytes > header.index - entry.offset) return false;
    const size_t checksums = Chunks(entry.bytes) * sizeof(uint64_t);
    if (rest.size() < checksums) return false;
    Stored stored{.offset = entry.offset, .checksums = std::vector<uint64_t>(Chunks(entry.bytes))};
    std::memcpy(stored.checksums.data(), rest.data(), checksums);
    rest = rest.subspan(checksums);
    stored_.emplace(std::pair(entry.key, entry.bytes), std::move(stored));
  }
  return true;
}

bool PreparedWeights::Read(Team& team, const Stored& stored, const Piece& piece) const {
  std::atomic<bool> sound = true;
  team.For(static_cast<int64_t>(stored.checksums.size()), [&](int64_t task, int /*thread*/) {
    const auto chunk = static_cast<size_t>(task);
    const size_t bytes = ChunkBytes(piece.bytes, chunk);
    std::byte* const to = static_cast<std::byte*>(piece.data.get()) + chunk * kChunk;
    if (!ReadAll(file_, to, bytes, stored.offset + chunk * kChunk) || XXH3_64bits(to, bytes) != stored.checksums[chunk])
      sound = false;
  });
  return sound;
}

bool PreparedWeights::Load(Team& team, const std::vector<std::span<const std::byte>>& sources, const Piece& piece) {
  pieces_.push_back({KeyOf(team, sources, piece.kind), piece});
  const auto found = stored_.find({pieces_.back().key, piece.bytes});
  if (found == stored_.end()) return false;
  if (!Read(team, found->second, piece)) {
    LogWarning("prepared weights are damaged; they are laid out anew", {{"file", path_.string()}});
    std::memset(piece.data.get(), 0, piece.bytes);
    return false;
  }
  ++loaded_;
  return true;
}

absl::Status PreparedWeights::Write(Team& team, int file) const {
  Header header;
  std::vector<std::byte> index;
  const auto append = [&index](const void* from, size_t bytes) {
    const auto* const at = static_cast<const std::byte*>(from);
    index.insert(index.end(), at, at + bytes);
  };
  uint64_t offset = sizeof header;
  for (const Asked& asked : pieces_) {
    const auto* const data = static_cast<const std::byte*>(asked.piece.data.get());
    std::vector<uint64_t> checksums(Chunks(asked.piece.bytes));
    team.For(static_cast<int64_t>(checksums.size()), [&](int64_t task, int /*thread*/) {
      const auto chunk = static_cast<size_t>(task);
      checksums[chunk] = XXH3_64bits(data + chunk * kChunk, ChunkBytes(asked.piece.bytes, chunk));
    });
    if (!WriteAll(file, data, asked.piece.bytes, offset)) return Failed("cannot write", path_);
    const Entry entry{.key = asked.key, .bytes = asked.piece.bytes, .offset = offset};
    append(&entry, sizeof entry);
    append(checksums.data(), checksums.size() * sizeof(uint64_t));
    ++header.entries;
    offset = RoundUp(offset + asked.piece.bytes, kAlignment);
  }
  header.index = offset;
  header.index_bytes = index.size();
  header.index_checksum = XXH3_64bits(index.data(), index.size());
  if (!WriteAll(file, index.data(), index.size(), offset) || !WriteAll(file, &header, sizeof header, 0)) {
    return Failed("cannot write", path_);
  }
  return absl::OkStatus();
}

absl::Status PreparedWeights::Save(Team& team) {
  const bool complete = missed() == 0;
  const absl::Cleanup release = [this] { pieces_.clear(); };
  if (complete || foreign_) return absl::OkStatus();
  std::error_code error;
  std::filesystem::create_directories(path_.parent_path(), error);  // where that failed, the next step tells
  RemoveOldDrafts(path_);
  std::string draft = absl::StrCat(path_.string(), kDraft);
  const int file = mkostemp(draft.data(), O_CLOEXEC);
  if (file < 0) return Failed("cannot create", draft);
  if (fchmod(file, S_IRUSR | S_IWUSR | S_IRGRP | S_IROTH) != 0) LogDebug("prepared weights are for this user alone", {});
  absl::Status status = Write(team, file);
  if (close(file) != 0 && status.ok()) status = Failed("cannot write", draft);
  if (status.ok() && rename(draft.c_str(), path_.c_str()) != 0) status = Failed("cannot rename to", path_);
  if (!status.ok()) unlink(draft.c_str());
  return status;
}

}  // namespace verdict
