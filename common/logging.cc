#include "common/logging.h"

#include <atomic>
#include <cctype>
#include <charconv>
#include <cmath>
#include <mutex>

#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/utf8.h"

namespace verdict {
namespace {

struct Settings {
  std::atomic<int> level{static_cast<int>(LogLevel::kInfo)};
  std::mutex mutex;  // guards process
  std::string process = "verdict";
};

// The process's one log. Never destroyed, so that threads may log while the process exits.
Settings& TheLog() {
  static auto* settings = new Settings;
  return *settings;
}

std::string_view Name(LogLevel level) {
  switch (level) {
    case LogLevel::kDebug:
      return "DEBUG";
    case LogLevel::kInfo:
      return "INFO";
    case LogLevel::kWarning:
      return "WARNING";
    case LogLevel::kError:
      return "ERROR";
  }
  return "ERROR";
}

void AppendEscaped(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      return;
    case '\\':
      out += "\\\\";
      return;
    case '\n':
      out += "\\n";
      return;
    case '\r':
      out += "\\r";
      return;
    case '\t':
      out += "\\t";
      return;
    default:
      break;
  }
  if (c >= 0x20 && c != 0x7F) {
    out += static_cast<char>(c);
    return;
  }
  constexpr char kHex[] = "0123456789abcdef";
  out += "\\u00";
  out += kHex[c >> 4];
  out += kHex[c & 15];
}

void AppendString(std::string& out, std::string_view text) {
  out += '"';
  while (!text.empty()) {
    const size_t good = FindInvalidUtf8(text).value_or(text.size());
    for (const char c : text.substr(0, good)) AppendEscaped(out, static_cast<unsigned char>(c));
    text.remove_prefix(good);
    if (text.empty()) break;
    out += "\xEF\xBF\xBD";
    text.remove_prefix(1);
  }
  out += '"';
}

void AppendDouble(std::string& out, double value) {
  if (!std::isfinite(value)) {
    out += "null";
    return;
  }
  char buffer[32];
  const auto end = std::to_chars(buffer, buffer + sizeof(buffer), value).ptr;
  out.append(buffer, end);
}

void AppendValue(std::string& out, const LogField& field) {
  if (const auto* text = std::get_if<std::string>(&field.value)) return AppendString(out, *text);
  if (const auto* integer = std::get_if<int64_t>(&field.value)) return absl::StrAppend(&out, *integer);
  if (const auto* number = std::get_if<double>(&field.value)) return AppendDouble(out, *number);
  if (const auto* json = std::get_if<LogJson>(&field.value)) {
    out += json->text;
    return;
  }
  out += std::get<bool>(field.value) ? "true" : "false";
}

}  // namespace

absl::StatusOr<LogLevel> ParseLogLevel(std::string_view text) {
  const std::string name = absl::AsciiStrToLower(absl::StripAsciiWhitespace(std::string(text)));
  int number;
  if (absl::SimpleAtoi(name, &number) && number >= 0) {
    if (number <= 10) return LogLevel::kDebug;
    if (number <= 20) return LogLevel::kInfo;
    if (number <= 30) return LogLevel::kWarning;
    return LogLevel::kError;
  }
  if (name == "debug" || name == "trace" || name == "notset") return LogLevel::kDebug;
  if (name == "info") return LogLevel::kInfo;
  if (name == "warning" || name == "warn") return LogLevel::kWarning;
  if (name == "error" || name == "critical" || name == "fatal") return LogLevel::kError;
  return absl::InvalidArgumentError(absl::StrCat(
      "\"", std::string(text), "\" is no log level: use debug, info, warning, error, or Python's number (10, 20, 30, 40)"));
}

void InitLogging(std::string_view process, LogLevel level) {
  Settings& log = TheLog();
  const std::lock_guard lock(log.mutex);
  log.process = process;
  log.level = static_cast<int>(level);
}

std::string JsonString(std::string_view text) {
  std::string out;
  AppendString(out, text);
  return out;
}

bool LogEnabled(LogLevel level) { return static_cast<int>(level) >= TheLog().level.load(std::memory_order_relaxed); }

namespace {

void Write(LogLevel level, std::string_view message, const LogField* fields, size_t count) {
  Settings& log = TheLog();
  std::string line = "{\"time\":\"";
  line += absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", absl::Now(), absl::UTCTimeZone());
  line += "\",\"level\":\"";
  line += Name(level);
  line += "\",\"process\":";
  std::string rest = ",\"message\":";
  AppendString(rest, message);
  for (const LogField* field = fields; field != fields + count; ++field) {
    rest += ',';
    AppendString(rest, field->name);
    rest += ':';
    AppendValue(rest, *field);
  }
  rest += "}\n";
  {
    const std::lock_guard lock(log.mutex);
    AppendString(line, log.process);
  }
  line += rest;
  WriteLogLine(line);
}

}  // namespace

void Log(LogLevel level, std::string_view message, std::initializer_list<LogField> fields) {
  if (LogEnabled(level)) Write(level, message, fields.begin(), fields.size());
}

void Log(LogLevel level, std::string_view message, const std::vector<LogField>& fields) {
  if (LogEnabled(level)) Write(level, message, fields.data(), fields.size());
}

}  // namespace verdict
