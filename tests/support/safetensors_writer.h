#pragma once

#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace verdict {

// Writes safetensors files for tests.
class SafetensorsWriter {
 public:
  void Add(const std::string& name, const std::vector<int64_t>& shape, const std::vector<float>& values) {
    std::string bytes(values.size() * sizeof(float), '\0');
    std::memcpy(bytes.data(), values.data(), bytes.size());
    AddBytes(name, "F32", shape, bytes);
  }
  void AddBytes(const std::string& name, const std::string& dtype, const std::vector<int64_t>& shape, const std::string& bytes) {
    tensors_[name] = {dtype, shape, bytes};
  }
  void Remove(const std::string& name) { tensors_.erase(name); }

  void Write(const std::filesystem::path& path) const {
    std::string header = "{", data;
    for (const auto& [name, tensor] : tensors_) {
      absl::StrAppend(&header, header.size() > 1 ? "," : "", "\"", name, "\":{\"dtype\":\"", tensor.dtype, "\",\"shape\":[",
                      absl::StrJoin(tensor.shape, ","), "],\"data_offsets\":[", data.size(), ",",
                      data.size() + tensor.bytes.size(), "]}");
      data += tensor.bytes;
    }
    header += "}";
    header.resize((header.size() + 7) / 8 * 8, ' ');
    const uint64_t size = header.size();
    std::ofstream file(path, std::ios::binary);
    file.write(reinterpret_cast<const char*>(&size), sizeof(size));
    file << header << data;
  }

 private:
  struct Tensor {
    std::string dtype;
    std::vector<int64_t> shape;
    std::string bytes;
  };
  std::map<std::string, Tensor> tensors_;
};

}  // namespace verdict
