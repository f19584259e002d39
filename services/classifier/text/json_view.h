#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "boost/json/object.hpp"
#include "boost/json/value.hpp"

namespace verdict {

// Typed access to a JSON object somewhere inside a file. Errors are kInvalidArgument, one line that names the file and the way to
// the member ("tokenizer.json: model.vocab: expected an object"). A member that is null counts as absent. Does not own the
// object.
class JsonView {
 public:
  // `path` is the way to the object inside the file; empty for the whole document.
  JsonView(std::string file, std::string path, const boost::json::object& object)
      : file_(std::move(file)), path_(std::move(path)), object_(&object) {}

  const boost::json::object& object() const { return *object_; }

  // The member whatever it holds, or null when it is absent.
  const boost::json::value* Find(std::string_view member) const;

  // The member, or the fallback when it is absent; without a fallback it must be there.
  absl::StatusOr<bool> Boolean(std::string_view member, std::optional<bool> fallback = {}) const;
  absl::StatusOr<int64_t> Integer(std::string_view member, int64_t min, int64_t max, std::optional<int64_t> fallback = {}) const;
  absl::StatusOr<std::string> String(std::string_view member, std::optional<std::string> fallback = {}) const;
  absl::StatusOr<JsonView> Object(std::string_view member) const;

  // The objects of an array.
  absl::StatusOr<std::vector<JsonView>> Objects(std::string_view member) const;

  // A value below this object, for arrays: the object at `value`, which `path` (".pieces[2]") leads to.
  absl::StatusOr<JsonView> ObjectAt(const boost::json::value& value, std::string_view path) const;

  // An error about a member, or about the object itself when `member` is empty.
  absl::Status Error(std::string_view member, std::string_view problem) const;

  // kUnimplemented: a member names a kind of part that is not built here.
  absl::Status Unsupported(std::string_view member, std::string_view found) const;

 private:
  std::string Join(std::string_view member) const;

  std::string file_;
  std::string path_;
  const boost::json::object* object_;
};

// `text` as it may appear in a message: quoted, control characters escaped, cut when it is long.
std::string Quoted(std::string_view text);

}  // namespace verdict
