#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "absl/status/statusor.h"

namespace verdict {

enum class LogLevel { kDebug = 10, kInfo = 20, kWarning = 30, kError = 40 };

// A level by name (debug, info, warning or warn, error, critical; any case) or by Python's number ("20"; numbers between two
// levels count as the upper one). Error: kInvalidArgument.
absl::StatusOr<LogLevel> ParseLogLevel(std::string_view text);

// A value that is written as it is: well-formed JSON without a line break.
struct LogJson {
  std::string text;
};

// One named value of a log line.
struct LogField {
  std::string_view name;
  std::variant<std::string, int64_t, double, bool, LogJson> value;

  LogField(std::string_view n, const char* v) : name(n), value(std::string(v)) {}
  // Any string or view: Debian's abseil has a string_view of its own.
  template <typename Text>
  requires requires(const Text& v) { std::string(v.data(), v.size()); }
  LogField(std::string_view n, const Text& v) : name(n), value(std::string(v.data(), v.size())) {}
  LogField(std::string_view n, int v) : name(n), value(int64_t{v}) {}
  LogField(std::string_view n, int64_t v) : name(n), value(v) {}
  LogField(std::string_view n, uint64_t v) : name(n), value(static_cast<int64_t>(v)) {}
  LogField(std::string_view n, double v) : name(n), value(v) {}
  LogField(std::string_view n, bool v) : name(n), value(v) {}
  LogField(std::string_view n, LogJson v) : name(n), value(std::move(v)) {}
};

// `text` as a JSON string, quotes included; bytes that are not UTF-8 become U+FFFD.
std::string JsonString(std::string_view text);

// Sets what is logged (level and above) and the `process` member of every line. Call once at start, before other threads.
void InitLogging(std::string_view process, LogLevel level);

bool LogEnabled(LogLevel level);

// Writes one JSON object on one line to stderr: time (RFC 3339, UTC, microseconds), level, process, message, then the fields.
// Bytes that are not UTF-8 are written as U+FFFD. Thread-safe; lines of this process never mix, and those of up to 4096 bytes not
// with those of other processes either. Without a LogWriter the caller writes, and a reader that has stopped reading holds it up
// for a second, once.
void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields = {});

// The same for fields whose number is not known beforehand.
void Log(LogLevel level, std::string_view message, const std::vector<LogField>& fields);

inline void LogInfo(std::string_view message, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kInfo, message, fields);
}
inline void LogWarning(std::string_view message, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kWarning, message, fields);
}
inline void LogError(std::string_view message, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kError, message, fields);
}
inline void LogDebug(std::string_view message, std::initializer_list<LogField> fields = {}) {
  Log(LogLevel::kDebug, message, fields);
}

// While one lives, lines are written by a thread of its own, and nobody who logs waits for the log's reader: what a slow one
// leaves no room for is dropped, counted, and told of in a line once there is room again. At most one at a time. Its end waits a
// second for the reader, at most.
class LogWriter {
 public:
  explicit LogWriter(size_t most_bytes = 1 << 20);  // that wait
  ~LogWriter();
  LogWriter(const LogWriter&) = delete;

  struct State;

 private:
  const std::shared_ptr<State> state_;  // the thread's as well, which may outlive us inside a write
};

// Waits until every line so far is written, for as long as a writer's end does: before an end of the process that runs no
// destructors.
void FlushLog();

// Lines that were dropped in this process so far.
uint64_t DroppedLogLines();

// The way of a finished line to stderr, which Log takes (log_output.cc).
void WriteLogLine(std::string_view line);

}  // namespace verdict
