#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"

namespace verdict {

// A tensor inside a mapped file: nothing is copied.
struct TensorView {
  std::string dtype;           // as the file writes it: "F32", "F16", "BF16", "I64", …
  std::vector<int64_t> shape;  // row-major
  const std::byte* data = nullptr;
  size_t bytes = 0;
};

// The header of a safetensors file: 8 bytes little-endian length, a JSON object of that length, then the tensors' bytes
// (https://github.com/huggingface/safetensors, "Format"). Offsets are checked against `data_bytes`: in bounds, without gaps or
// overlaps, and each of the size that dtype and shape ask for. Views point at `data + offset`. Errors: kInvalidArgument that
// begins with `name` and names the tensor.
absl::StatusOr<std::map<std::string, TensorView>> ParseSafetensorsHeader(const std::string& name, std::string_view header,
                                                                         const std::byte* data, size_t data_bytes);

// The weights of a model directory: model.safetensors, or the shards that model.safetensors.index.json names. The files stay
// mapped for the life of the object, which is immutable and so thread-safe. A mapped file must not be truncated while it is in
// use.
class Weights {
 public:
  // Maps one file. Errors: kNotFound, kInvalidArgument.
  static absl::StatusOr<Weights> Open(const std::filesystem::path& file);

  // Maps every shard of an index. Errors as above; also when the index and a shard disagree on where a tensor is.
  static absl::StatusOr<Weights> OpenSharded(const std::filesystem::path& index);

  // Null when there is no tensor of that name.
  const TensorView* Find(const std::string& tensor) const;

  // File name for messages: "model.safetensors", or the index's.
  const std::string& name() const { return name_; }
  const std::map<std::string, TensorView>& tensors() const { return tensors_; }
  uint64_t bytes() const { return bytes_; }

  // Gives the pages that have been read back to the kernel, which reads them again when they are touched.
  void ReleasePages() const;

 private:
  class Mapping;

  std::string name_;
  std::map<std::string, TensorView> tensors_;
  std::vector<std::shared_ptr<const Mapping>> mappings_;
  uint64_t bytes_ = 0;
};

}  // namespace verdict
