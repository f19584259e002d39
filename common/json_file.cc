#include "common/json_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "absl/cleanup/cleanup.h"
#include "absl/strings/str_cat.h"
#include "boost/json.hpp"

namespace verdict {
namespace {

constexpr size_t kMaxDepth = 64;
constexpr size_t kMaxShown = 60;
constexpr size_t kMaxMessage = 600;

absl::Status ReadError(const std::filesystem::path& path, int error) {
  const std::string message = absl::StrCat(path.string(), ": ", std::strerror(error));
  if (error == ENOENT || error == ENOTDIR) return absl::NotFoundError(message);
  if (error == EACCES || error == EPERM) return absl::PermissionDeniedError(message);
  return absl::InternalError(message);
}

std::string Place(std::string_view text, size_t offset) {
  const std::string_view before = text.substr(0, std::min(offset, text.size()));
  const auto line = 1 + std::count(before.begin(), before.end(), '\n');
  const size_t newline = before.rfind('\n');
  const size_t column = 1 + before.size() - (newline == std::string_view::npos ? 0 : newline + 1);
  return absl::StrCat("line ", line, ", column ", column);
}

// The text, or as many whole characters of it as fit into `most` bytes.
std::string Cut(std::string_view text, size_t most) {
  if (text.size() <= most) return std::string(text);
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xC0) == 0x80) --most;
  return std::string(text.substr(0, most)) + "…";
}

std::string Shown(const boost::json::value& value) { return Cut(boost::json::serialize(value), kMaxShown); }

// What a file says may be in the message; it stays one line that a person can read.
std::string OneLine(std::string_view text) {
  std::string line = Cut(text, kMaxMessage);
  for (char& c : line) {
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) c = ' ';
  }
  return line;
}

// JSON has one kind of number; 12.0 is as good an integer as 12.
std::optional<int64_t> AsInteger(const boost::json::value& value) {
  if (value.is_int64()) return value.get_int64();
  if (!value.is_double()) return std::nullopt;
  const double number = value.get_double();
  // Also false for what is no number, which Boost.JSON makes of 0e400.
  const bool fits = number >= -9e15 && number <= 9e15;
  if (fits && number == static_cast<double>(static_cast<int64_t>(number))) return static_cast<int64_t>(number);
  return std::nullopt;
}

}  // namespace

absl::StatusOr<std::string> ReadFile(const std::filesystem::path& path, uint64_t max_bytes) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) return ReadError(path, errno);
  const absl::Cleanup closer = [fd] { close(fd); };
  struct stat info;
  if (fstat(fd, &info) != 0) return ReadError(path, errno);
  if (!S_ISREG(info.st_mode)) return absl::InvalidArgumentError(absl::StrCat(path.string(), ": is no regular file"));
  if (static_cast<uint64_t>(info.st_size) > max_bytes) {
    return absl::InvalidArgumentError(
        absl::StrCat(path.string(), ": has ", info.st_size, " bytes, more than the ", max_bytes, " that such a file may have"));
  }
  std::string content(static_cast<size_t>(info.st_size), '\0');
  size_t done = 0;
  while (done < content.size()) {
    const ssize_t got = read(fd, content.data() + done, content.size() - done);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return ReadError(path, errno);
    if (got == 0) break;
    done += static_cast<size_t>(got);
  }
  content.resize(done);
  return content;
}

absl::StatusOr<JsonFile> JsonFile::Parse(std::string name, std::string_view text) {
  boost::json::parse_options options;
  options.max_depth = kMaxDepth;
  boost::json::stream_parser parser({}, options);
  boost::json::error_code error;
  try {
    const size_t parsed = parser.write_some(text.data(), text.size(), error);
    if (!error && parsed < text.size()) error = boost::json::error::extra_data;
    if (!error) parser.finish(error);
    if (error) {
      if (text.empty()) return absl::InvalidArgumentError(absl::StrCat(name, ": the file is empty"));
      return absl::InvalidArgumentError(
          absl::StrCat(name, ": is not valid JSON: ", error.message(), " at ", Place(text, parsed)));
    }
    boost::json::value value = parser.release();
    if (!value.is_object()) return absl::InvalidArgumentError(absl::StrCat(name, ": holds no JSON object"));
    return JsonFile(std::move(name), std::move(value.get_object()));
  } catch (const std::exception& exception) {  // out of memory, or longer than Boost.JSON's limits
    return absl::InvalidArgumentError(absl::StrCat(name, ": cannot be parsed: ", exception.what()));
  }
}

absl::StatusOr<JsonFile> JsonFile::Read(const std::filesystem::path& path, uint64_t max_bytes) {
  absl::StatusOr<std::string> text = ReadFile(path, max_bytes);
  if (!text.ok()) return text.status();
  return Parse(path.filename().string(), *text);
}

const boost::json::value* JsonFile::Find(std::string_view member) const {
  const boost::json::value* value = object_.if_contains({member.data(), member.size()});
  return value == nullptr || value->is_null() ? nullptr : value;
}

absl::Status JsonFile::Error(std::string_view member, std::string_view problem) const {
  return absl::InvalidArgumentError(absl::StrCat(name_, ": ", OneLine(member), ": ", OneLine(problem)));
}

absl::Status JsonFile::Unexpected(std::string_view member, std::string_view expected) const {
  const boost::json::value* value = Find(member);
  if (value == nullptr) return Error(member, absl::StrCat("is missing (expected ", std::string(expected), ")"));
  return Error(member, absl::StrCat("expected ", std::string(expected), ", found ", Shown(*value)));
}

absl::StatusOr<int64_t> JsonFile::Integer(std::string_view member, int64_t min, int64_t max,
                                          std::optional<int64_t> fallback) const {
  const boost::json::value* value = Find(member);
  if (value == nullptr && fallback) return *fallback;
  const std::optional<int64_t> integer = value == nullptr ? std::nullopt : AsInteger(*value);
  if (!integer || *integer < min || *integer > max)
    return Unexpected(member, absl::StrCat("an integer between ", min, " and ", max));
  return *integer;
}

absl::StatusOr<double> JsonFile::Number(std::string_view member, double min, double max, std::optional<double> fallback) const {
  const boost::json::value* value = Find(member);
  if (value == nullptr && fallback) return *fallback;
  if (value == nullptr || !value->is_number()) return Unexpected(member, absl::StrCat("a number between ", min, " and ", max));
  const double number = value->to_number<double>();
  if (!(number >= min && number <= max)) return Unexpected(member, absl::StrCat("a number between ", min, " and ", max));
  return number;
}

absl::StatusOr<std::string> JsonFile::String(std::string_view member, std::optional<std::string> fallback) const {
  const boost::json::value* value = Find(member);
  if (value == nullptr && fallback) return *std::move(fallback);
  if (value == nullptr || !value->is_string()) return Unexpected(member, "a string");
  return std::string(value->get_string());
}

absl::StatusOr<bool> JsonFile::Boolean(std::string_view member, bool fallback) const {
  const boost::json::value* value = Find(member);
  if (value == nullptr) return fallback;
  if (!value->is_bool()) return Unexpected(member, "true or false");
  return value->get_bool();
}

}  // namespace verdict
