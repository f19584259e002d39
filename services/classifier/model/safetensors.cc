#include "services/classifier/model/safetensors.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <limits>
#include <set>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
#include "common/json_file.h"
#include "common/utf8.h"

namespace verdict {
namespace {

constexpr uint64_t kMaxHeaderBytes = 100'000'000;  // the limit of the reference implementation
constexpr uint64_t kMaxIndexBytes = 64 << 20;
constexpr size_t kMaxDimensions = 16;

// Bytes of one element; 0 for a dtype that this program does not know.
size_t ElementBytes(std::string_view dtype) {
  if (dtype == "F64" || dtype == "I64" || dtype == "U64") return 8;
  if (dtype == "F32" || dtype == "I32" || dtype == "U32") return 4;
  if (dtype == "F16" || dtype == "BF16" || dtype == "I16" || dtype == "U16") return 2;
  if (dtype == "I8" || dtype == "U8" || dtype == "BOOL" || dtype == "F8_E4M3" || dtype == "F8_E5M2") return 1;
  return 0;
}

// What a file says may be in a message, which stays one line that a person can read.
std::string Shown(std::string_view text) {
  std::string shown = Shortened(text);
  std::replace_if(
      shown.begin(), shown.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return shown;
}

bool AsOffset(const boost::json::value& value, uint64_t& out) {
  if (value.is_int64() && value.get_int64() >= 0) {
    out = static_cast<uint64_t>(value.get_int64());
    return true;
  }
  if (value.is_uint64()) {
    out = value.get_uint64();
    return true;
  }
  return false;
}

// Reads one entry of the header; every error message is a clause that follows the tensor's name.
class EntryReader {
 public:
  explicit EntryReader(const boost::json::value& entry) : entry_(entry) {}

  struct Entry {
    TensorView view;
    uint64_t begin = 0, end = 0;
  };

  absl::StatusOr<Entry> Read(uint64_t data_bytes) {
    if (!entry_.is_object()) return Bad("is no JSON object");
    Entry entry;
    if (auto status = ReadDtype(entry.view); !status.ok()) return status;
    if (auto status = ReadShape(entry.view); !status.ok()) return status;
    if (auto status = ReadOffsets(entry); !status.ok()) return status;
    if (entry.end > data_bytes) {
      return Bad(
          absl::StrCat("ends at byte ", entry.end, " of the data, but the file holds only ", data_bytes, ": it is truncated"));
    }
    uint64_t wanted = ElementBytes(entry.view.dtype);
    for (const int64_t size : entry.view.shape) {
      if (__builtin_mul_overflow(wanted, static_cast<uint64_t>(size), &wanted)) return Bad("has an impossible shape");
    }
    if (entry.end - entry.begin != wanted) {
      return Bad(absl::StrCat("has ", entry.end - entry.begin, " bytes, but its dtype and shape ask for ", wanted));
    }
    entry.view.bytes = wanted;
    return entry;
  }

 private:
  static absl::Status Bad(std::string_view problem) { return absl::InvalidArgumentError(std::string(problem)); }

  absl::Status ReadDtype(TensorView& view) {
    const boost::json::value* dtype = entry_.get_object().if_contains("dtype");
    if (dtype == nullptr || !dtype->is_string()) return Bad("has no dtype");
    view.dtype = std::string(dtype->get_string());
    if (ElementBytes(view.dtype) == 0) return Bad(absl::StrCat("has the unknown dtype \"", Shown(view.dtype), "\""));
    return absl::OkStatus();
  }

  absl::Status ReadShape(TensorView& view) {
    const boost::json::value* shape = entry_.get_object().if_contains("shape");
    if (shape == nullptr || !shape->is_array() || shape->get_array().size() > kMaxDimensions) return Bad("has no proper shape");
    for (const boost::json::value& size : shape->get_array()) {
      uint64_t number;
      if (!AsOffset(size, number) || number > static_cast<uint64_t>(std::numeric_limits<int64_t>::max()))
        return Bad("has no proper shape");
      view.shape.push_back(static_cast<int64_t>(number));
    }
    return absl::OkStatus();
  }

  absl::Status ReadOffsets(Entry& entry) {
    const boost::json::value* offsets = entry_.get_object().if_contains("data_offsets");
    if (offsets == nullptr || !offsets->is_array() || offsets->get_array().size() != 2 ||
        !AsOffset(offsets->get_array()[0], entry.begin) || !AsOffset(offsets->get_array()[1], entry.end) ||
        entry.begin > entry.end) {
      return Bad("has no proper data_offsets");
    }
    return absl::OkStatus();
  }

  const boost::json::value& entry_;
};

}  // namespace

absl::StatusOr<std::map<std::string, TensorView>> ParseSafetensorsHeader(const std::string& name, std::string_view header,
                                                                         const std::byte* data, size_t data_bytes) {
  const absl::StatusOr<JsonFile> json = JsonFile::Parse(name + ": header", header);
  if (!json.ok()) return json.status();
  std::map<std::string, TensorView> tensors;
  std::map<std::pair<uint64_t, uint64_t>, std::string> by_place;  // an empty tensor may stand where another begins
  for (const auto& member : json->object()) {
    if (member.key() == "__metadata__") continue;
    const std::string tensor(member.key());
    absl::StatusOr<EntryReader::Entry> entry = EntryReader(member.value()).Read(data_bytes);
    if (!entry.ok()) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": tensor ", Shown(tensor), " ", entry.status().message()));
    }
    entry->view.data = data + entry->begin;
    const auto [other, is_new] = by_place.emplace(std::pair(entry->begin, entry->end), tensor);
    if (!is_new && entry->view.bytes > 0) {
      return absl::InvalidArgumentError(absl::StrCat(name, ": tensor ", Shown(tensor), " overlaps ", Shown(other->second)));
    }
    tensors.emplace(tensor, std::move(entry->view));
  }
  uint64_t next = 0;
  for (const auto& [place, tensor] : by_place) {
    if (place.first != next) {
      return absl::InvalidArgumentError(absl::StrCat(
          name, ": tensor ", Shown(tensor), place.first < next ? " overlaps the one before it" : " leaves a gap before it"));
    }
    next = place.second;
  }
  if (next != data_bytes) {
    return absl::InvalidArgumentError(absl::StrCat(name, ": ", data_bytes - next, " bytes after the last tensor belong to none"));
  }
  return tensors;
}

// A read-only mapping of one whole file.
class Weights::Mapping {
 public:
  Mapping(void* address, size_t size) : address_(address), size_(size) {}
  ~Mapping() { munmap(address_, size_); }
  Mapping(const Mapping&) = delete;
  Mapping& operator=(const Mapping&) = delete;

  static absl::StatusOr<std::shared_ptr<const Mapping>> Map(const std::filesystem::path& file) {
    const auto failed = [&file] {
      const std::string message = absl::StrCat(file.string(), ": ", std::strerror(errno));
      return errno == ENOENT ? absl::NotFoundError(message) : absl::InvalidArgumentError(message);
    };
    const int fd = open(file.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (fd < 0) return failed();
    const absl::Cleanup closer = [fd] { close(fd); };
    struct stat info;
    if (fstat(fd, &info) != 0) return failed();
    if (!S_ISREG(info.st_mode)) return absl::InvalidArgumentError(absl::StrCat(file.string(), ": is no regular file"));
    if (info.st_size < 8) {
      return absl::InvalidArgumentError(
          absl::StrCat(file.string(), ": has ", info.st_size, " bytes, too few for a safetensors file"));
    }
    const auto size = static_cast<size_t>(info.st_size);
    void* address = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, fd, 0);
    if (address == MAP_FAILED) return failed();
    return std::make_shared<const Mapping>(address, size);
  }

  const std::byte* data() const { return static_cast<const std::byte*>(address_); }
  size_t size() const { return size_; }
  void ReleasePages() const { madvise(address_, size_, MADV_DONTNEED); }

 private:
  void* address_;
  size_t size_;
};

absl::StatusOr<Weights> Weights::Open(const std::filesystem::path& file) {
  auto mapping = Mapping::Map(file);
  if (!mapping.ok()) return mapping.status();
  Weights weights;
  weights.name_ = file.filename().string();
  const std::byte* base = (*mapping)->data();
  uint64_t header_bytes = 0;
  for (int i = 7; i >= 0; --i) header_bytes = (header_bytes << 8) | static_cast<uint8_t>(base[i]);
  const uint64_t available = (*mapping)->size() - 8;
  if (header_bytes > std::min(available, kMaxHeaderBytes)) {
    return absl::InvalidArgumentError(absl::StrCat(weights.name_, ": says that its header has ", header_bytes, " bytes, but ",
                                                   available, " follow: it is truncated or no safetensors file"));
  }
  const std::string_view header(reinterpret_cast<const char*>(base + 8), header_bytes);
  auto tensors = ParseSafetensorsHeader(weights.name_, header, base + 8 + header_bytes, available - header_bytes);
  if (!tensors.ok()) return tensors.status();
  weights.tensors_ = *std::move(tensors);
  weights.bytes_ = (*mapping)->size();
  weights.mappings_.push_back(*std::move(mapping));
  return weights;
}

absl::StatusOr<Weights> Weights::OpenSharded(const std::filesystem::path& index) {
  const absl::StatusOr<JsonFile> json = JsonFile::Read(index, kMaxIndexBytes);
  if (!json.ok()) return json.status();
  const boost::json::value* map = json->Find("weight_map");
  if (map == nullptr || !map->is_object()) return json->Error("weight_map", "expected an object from tensor to file");
  std::map<std::string, Weights> shards;
  Weights all;
  all.name_ = json->name();
  for (const auto& member : map->get_object()) {
    const std::string tensor(member.key());
    if (!member.value().is_string()) return json->Error("weight_map", absl::StrCat(tensor, ": expected a file name"));
    const std::string file(member.value().get_string());
    if (file.empty() || file.find('/') != std::string::npos) {
      return json->Error("weight_map", absl::StrCat(tensor, ": \"", file, "\" is no file of this directory"));
    }
    auto shard = shards.find(file);
    if (shard == shards.end()) {
      auto opened = Open(index.parent_path() / file);
      if (!opened.ok()) return opened.status();
      shard = shards.emplace(file, *std::move(opened)).first;
    }
    const TensorView* view = shard->second.Find(tensor);
    if (view == nullptr) return json->Error("weight_map", absl::StrCat(tensor, ": is not in ", file));
    all.tensors_.emplace(tensor, *view);
  }
  for (auto& [file, shard] : shards) {
    all.bytes_ += shard.bytes_;
    all.mappings_.insert(all.mappings_.end(), shard.mappings_.begin(), shard.mappings_.end());
  }
  return all;
}

void Weights::ReleasePages() const {
  for (const auto& mapping : mappings_) mapping->ReleasePages();
}

const TensorView* Weights::Find(const std::string& tensor) const {
  const auto found = tensors_.find(tensor);
  return found == tensors_.end() ? nullptr : &found->second;
}

}  // namespace verdict
