#pragma once

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/json/object.hpp"

namespace verdict {

// Reads a whole file of at most `max_bytes`. Errors name the file: kNotFound when it is not there, kInvalidArgument when it is
// too large or no regular file, kPermissionDenied or kInternal when it cannot be read.
absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path, uint64_t max_bytes);

// A JSON object from outside, with typed access to its members. Every error is one line that names the file and the member
// ("config.json: hidden_size: expected an integer between 1 and 65536, found \"x\""). Immutable, so thread-safe.
class JsonFile {
 public:
  // Parses `text` as the content of `name`. Nesting is limited to 64. Errors: kInvalidArgument, with line and column.
  static absl::StatusOr<JsonFile> Parse(std::string name, std::string_view text);

  // ReadFile and Parse; `name` in messages is the file's name without its folder.
  static absl::StatusOr<JsonFile> Read(const std::filesystem::path& path, uint64_t max_bytes);

  const std::string& name() const { return name_; }
  const boost::json::object& object() const { return object_; }

  // The member, or null when it is absent or JSON null.
  const boost::json::value* Find(std::string_view member) const;

  // A member that must be there, or the fallback when it is absent or null. Errors: kInvalidArgument.
  absl::StatusOr<int64_t> Integer(std::string_view member, int64_t min, int64_t max, std::optional<int64_t> fallback = {}) const;
  absl::StatusOr<double> Number(std::string_view member, double min, double max, std::optional<double> fallback = {}) const;
  absl::StatusOr<std::string> String(std::string_view member, std::optional<std::string> fallback = {}) const;
  absl::StatusOr<bool> Boolean(std::string_view member, bool fallback) const;

  // kInvalidArgument with "file: member: problem".
  absl::Status Error(std::string_view member, std::string_view problem) const;

 private:
  JsonFile(std::string name, boost::json::object object) : name_(std::move(name)), object_(std::move(object)) {}
  absl::Status Unexpected(std::string_view member, std::string_view expected) const;

  std::string name_;
  boost::json::object object_;
};

}  // namespace verdict
