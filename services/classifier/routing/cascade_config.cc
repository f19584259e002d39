#include "services/classifier/routing/cascade_config.h"

#include <algorithm>
#include <initializer_list>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/string_view.h"
#include "boost/json.hpp"
#include "common/json_file.h"
#include "common/utf8.h"

namespace verdict {
namespace {

using boost::json::object;
using boost::json::value;

constexpr uint64_t kMostBytes = 1 << 20;
constexpr size_t kMostSteps = 16;
constexpr size_t kLongestName = 256;

// One line, whatever the names in it.
absl::Status Bad(absl::string_view where, absl::string_view problem) {
  std::string message = absl::StrCat(where, ": ", problem);
  std::replace_if(
      message.begin(), message.end(), [](unsigned char c) { return c < 0x20 || c == 0x7F; }, ' ');
  return absl::InvalidArgumentError(message);
}

absl::Status CheckMembers(const object& json, const std::string& where, std::initializer_list<absl::string_view> known) {
  for (const auto& member : json) {
    if (std::find(known.begin(), known.end(), absl::string_view(member.key().data(), member.key().size())) != known.end())
      continue;
    return Bad(where, absl::StrCat("unknown member \"", Shortened(std::string(member.key())), "\"; known are ",
                                   absl::StrJoin(known, ", ")));
  }
  return absl::OkStatus();
}

absl::StatusOr<std::string> ReadName(const object& json, const std::string& where, absl::string_view member) {
  const value* name = json.if_contains({member.data(), member.size()});
  if (name != nullptr && name->is_string() && !name->get_string().empty() && name->get_string().size() <= kLongestName)
    return std::string(name->get_string());
  return Bad(absl::StrCat(where, ": ", member), absl::StrCat("expected a string of 1 to ", kLongestName, " bytes"));
}

absl::StatusOr<std::string> ReadLabel(const value& label, const std::string& where) {
  if (label.is_string() && !label.get_string().empty()) return std::string(label.get_string());
  if (label.is_int64() || label.is_uint64()) return boost::json::serialize(label);
  return Bad(where, "expected a label: a string, or an integer");
}

absl::StatusOr<std::set<std::string>> ReadLabels(const object& json, const std::string& where) {
  std::set<std::string> labels;
  const value* all = json.if_contains("pass_on_labels");
  if (all == nullptr) return labels;
  if (!all->is_array()) return Bad(where + ": pass_on_labels", "expected a list of labels");
  for (const value& each : all->get_array()) {
    auto label = ReadLabel(each, absl::StrCat(where, ": pass_on_labels[", labels.size(), "]"));
    if (!label.ok()) return label.status();
    labels.insert(*std::move(label));
  }
  return labels;
}

absl::StatusOr<std::optional<double>> ReadThreshold(const object& json, const std::string& where) {
  const value* threshold = json.if_contains("pass_on_below");
  if (threshold == nullptr) return std::nullopt;
  const double number = threshold->is_number() ? threshold->to_number<double>() : -1;
  if (number >= 0 && number <= 1) return number;
  return Bad(where + ": pass_on_below", "expected a number between 0 and 1");
}

absl::StatusOr<Cascade::Step> ReadStep(const value& json, const std::string& where) {
  if (!json.is_object()) return Bad(where, "expected an object");
  const object& members = json.get_object();
  if (auto known = CheckMembers(members, where, {"model", "pass_on_labels", "pass_on_below"}); !known.ok()) return known;
  auto model = ReadName(members, where, "model");
  if (!model.ok()) return model.status();
  auto labels = ReadLabels(members, where);
  if (!labels.ok()) return labels.status();
  auto threshold = ReadThreshold(members, where);
  if (!threshold.ok()) return threshold.status();
  return Cascade::Step{.model = *std::move(model), .pass_on_labels = *std::move(labels), .pass_on_below = *threshold};
}

absl::Status CheckModels(const Cascade& cascade, const std::string& name) {
  std::set<absl::string_view> models;
  for (size_t i = 0; i < cascade.steps.size(); ++i) {
    const std::string& model = cascade.steps[i].model;
    const std::string where = absl::StrCat(name, ": steps[", i, "]: model");
    if (model == cascade.name) return Bad(where, absl::StrCat("\"", model, "\" is the cascade itself"));
    if (!models.insert(model).second) return Bad(where, absl::StrCat("\"", model, "\" is the model of an earlier step as well"));
  }
  return absl::OkStatus();
}

absl::Status ReadSteps(const JsonFile& file, Cascade& cascade) {
  const value* steps = file.Find("steps");
  if (steps == nullptr || !steps->is_array() || steps->get_array().empty() || steps->get_array().size() > kMostSteps)
    return file.Error("steps", absl::StrCat("expected a list of 1 to ", kMostSteps, " steps"));
  for (const value& each : steps->get_array()) {
    auto step = ReadStep(each, absl::StrCat(file.name(), ": steps[", cascade.steps.size(), "]"));
    if (!step.ok()) return step.status();
    cascade.steps.push_back(*std::move(step));
  }
  return CheckModels(cascade, file.name());
}

absl::StatusOr<JsonFile> Open(const std::string& declaration) {
  if (absl::StartsWith(absl::StripLeadingAsciiWhitespace(declaration), "{")) return JsonFile::Parse("cascade", declaration);
  return JsonFile::Read(declaration, kMostBytes);
}

}  // namespace

absl::StatusOr<Cascade> ReadCascade(const std::string& declaration) {
  const auto file = Open(declaration);
  if (!file.ok()) return file.status();
  if (auto known = CheckMembers(file->object(), file->name(), {"name", "steps", "fallback_label"}); !known.ok()) return known;
  Cascade cascade;
  auto name = ReadName(file->object(), file->name(), "name");
  if (!name.ok()) return name.status();
  cascade.name = *std::move(name);
  if (absl::Status steps = ReadSteps(*file, cascade); !steps.ok()) return steps;
  if (const value* fallback = file->Find("fallback_label")) {
    auto label = ReadLabel(*fallback, file->name() + ": fallback_label");
    if (!label.ok()) return label.status();
    cascade.fallback_label = *std::move(label);
  }
  return cascade;
}

}  // namespace verdict
