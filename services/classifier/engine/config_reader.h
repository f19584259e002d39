#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "common/json_file.h"
#include "services/classifier/engine/layers.h"

namespace verdict {

// Reads the members of config.json that shape an architecture and keeps the first error, so that a builder reads as a list of
// members and asks for status() once. The fallbacks are the defaults of the architecture's configuration class in transformers.
class ConfigReader {
 public:
  explicit ConfigReader(const JsonFile& file) : file_(file) {}

  int64_t Count(const char* member, int64_t fallback);  // of layers, heads, buckets, …: 1 to 4096
  int64_t Width(const char* member, int64_t fallback);  // of a vector: 1 to 65536
  int64_t Integer(const char* member, int64_t min, int64_t max, int64_t fallback);
  double Number(const char* member, double max, double fallback);  // 0 to max
  bool Boolean(const char* member, bool fallback);
  std::string String(const char* member, const std::string& fallback);
  Activation Act(const char* member, const std::string& fallback);

  // What no builder computes: an error names the member and what is supported.
  void MustBe(const char* member, const std::string& wanted);
  void MustBeFalse(const char* member, const std::string& why);
  void MustDivide(const char* divisor_member, int64_t divisor, const char* member, int64_t value);

  void Fail(const absl::Status& status) { status_.Update(status); }
  const JsonFile& file() const { return file_; }
  const absl::Status& status() const { return status_; }

 private:
  template <typename T>
  T Keep(absl::StatusOr<T> value, T fallback);

  const JsonFile& file_;
  absl::Status status_;
};

}  // namespace verdict
