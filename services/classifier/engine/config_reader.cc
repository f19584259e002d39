#include "services/classifier/engine/config_reader.h"

#include <utility>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

// Far above every published encoder; products of two stay far below 2^63.
constexpr int64_t kMaxCount = 1 << 12;
constexpr int64_t kMaxWidth = 1 << 16;

}  // namespace

template <typename T>
T ConfigReader::Keep(absl::StatusOr<T> value, T fallback) {
  if (value.ok()) return *std::move(value);
  status_.Update(value.status());
  return fallback;
}

int64_t ConfigReader::Count(const char* member, int64_t fallback) { return Integer(member, 1, kMaxCount, fallback); }

int64_t ConfigReader::Width(const char* member, int64_t fallback) { return Integer(member, 1, kMaxWidth, fallback); }

int64_t ConfigReader::Integer(const char* member, int64_t min, int64_t max, int64_t fallback) {
  return Keep(file_.Integer(member, min, max, fallback), fallback);
}

double ConfigReader::Number(const char* member, double max, double fallback) {
  return Keep(file_.Number(member, 0, max, fallback), fallback);
}

bool ConfigReader::Boolean(const char* member, bool fallback) { return Keep(file_.Boolean(member, fallback), fallback); }

std::string ConfigReader::String(const char* member, const std::string& fallback) {
  return Keep(file_.String(member, fallback), fallback);
}

Activation ConfigReader::Act(const char* member, const std::string& fallback) {
  return Keep(ReadActivation(file_, member, fallback), Activation::kGelu);
}

void ConfigReader::MustBe(const char* member, const std::string& wanted) {
  const std::string value = String(member, wanted);
  if (value != wanted) Fail(file_.Error(member, absl::StrCat("\"", value, "\" is not supported, only \"", wanted, "\"")));
}

void ConfigReader::MustBeFalse(const char* member, const std::string& why) {
  if (Boolean(member, false)) Fail(file_.Error(member, why));
}

void ConfigReader::MustDivide(const char* divisor_member, int64_t divisor, const char* member, int64_t value) {
  if (value % divisor != 0) Fail(file_.Error(divisor_member, absl::StrCat(divisor, " does not divide ", member, " ", value)));
}

}  // namespace verdict
