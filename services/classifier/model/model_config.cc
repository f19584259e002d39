#include "services/classifier/model/model_config.h"

#include <algorithm>
#include <charconv>
#include <map>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "boost/json.hpp"

namespace verdict {
namespace {

constexpr uint64_t kMaxConfigBytes = 64 << 20;  // id2label of a hundred thousand long names stays far below
constexpr int64_t kMaxLabels = 1'000'000;

// Trainings write labels of any JSON type; an answer's label is always a string.
absl::StatusOr<std::string> LabelText(const JsonFile& file, int64_t id, const boost::json::value& value) {
  if (value.is_string()) return std::string(value.get_string());
  if (value.is_int64()) return absl::StrCat(value.get_int64());
  if (value.is_uint64()) return absl::StrCat(value.get_uint64());
  if (value.is_bool()) return std::string(value.get_bool() ? "True" : "False");  // as Python's str() prints it
  return file.Error("id2label",
                    absl::StrCat("label ", id, ": expected a string or an integer, found ", boost::json::serialize(value)));
}

std::vector<std::string> DefaultLabels(int64_t count) {
  std::vector<std::string> labels;
  for (int64_t id = 0; id < count; ++id) labels.push_back(absl::StrCat("LABEL_", id));
  return labels;
}

absl::StatusOr<std::vector<std::string>> ReadLabels(const JsonFile& file) {
  const boost::json::value* id2label = file.Find("id2label");
  const absl::StatusOr<int64_t> num_labels = file.Integer("num_labels", 1, kMaxLabels, 2);
  if (!num_labels.ok()) return num_labels.status();
  if (id2label == nullptr) return DefaultLabels(*num_labels);
  if (!id2label->is_object()) return file.Error("id2label", "expected an object from label id to label");
  const auto count = static_cast<int64_t>(id2label->get_object().size());
  if (count == 0 || count > kMaxLabels) return file.Error("id2label", absl::StrCat("has ", count, " labels"));
  // transformers drops names whose number another member contradicts.
  if (file.Find("num_labels") != nullptr && *num_labels != count) return DefaultLabels(*num_labels);
  std::map<int64_t, std::string> by_id;
  for (const auto& member : id2label->get_object()) {
    int64_t id;
    const std::string key(member.key());
    if (!absl::SimpleAtoi(key, &id) || id < 0 || id >= kMaxLabels) {
      return file.Error("id2label", absl::StrCat("\"", key, "\" is no label id"));
    }
    auto label = LabelText(file, id, member.value());
    if (!label.ok()) return label.status();
    if (!by_id.emplace(id, *std::move(label)).second)
      return file.Error("id2label", absl::StrCat("label id ", id, " occurs twice"));
  }
  // Gaps are filled with the names that transformers gives to labels without one.
  std::vector<std::string> labels;
  for (int64_t id = 0; id < std::max(count, by_id.rbegin()->first + 1); ++id) {
    const auto found = by_id.find(id);
    labels.push_back(found == by_id.end() ? absl::StrCat("LABEL_", id) : found->second);
  }
  return labels;
}

// The rule of TextClassificationPipeline in transformers 5.
absl::StatusOr<FunctionToApply> ReadFunction(const JsonFile& file, size_t labels) {
  const absl::StatusOr<std::string> problem = file.String("problem_type", "");
  if (!problem.ok()) return problem.status();
  if (*problem == "regression") return FunctionToApply::kNone;
  if (*problem == "multi_label_classification") return FunctionToApply::kSigmoid;
  if (!problem->empty() && *problem != "single_label_classification") {
    return file.Error(
        "problem_type",
        absl::StrCat("\"", *problem, "\" is none of regression, single_label_classification, multi_label_classification"));
  }
  return labels == 1 ? FunctionToApply::kSigmoid : FunctionToApply::kSoftmax;
}

}  // namespace

absl::StatusOr<ModelConfig> ModelConfig::Read(const std::filesystem::path& config_json) {
  absl::StatusOr<JsonFile> file = JsonFile::Read(config_json, kMaxConfigBytes);
  if (!file.ok()) return file.status();
  return FromJson(*std::move(file));
}

absl::StatusOr<ModelConfig> ModelConfig::FromJson(JsonFile file) {
  auto model_type = file.String("model_type");
  if (!model_type.ok()) return model_type.status();
  auto labels = ReadLabels(file);
  if (!labels.ok()) return labels.status();
  auto function = ReadFunction(file, labels->size());
  if (!function.ok()) return function.status();
  return ModelConfig{std::move(file), *std::move(model_type), *std::move(labels), *function};
}

std::string FunctionName(FunctionToApply function) {
  switch (function) {
    case FunctionToApply::kSoftmax:
      return "softmax";
    case FunctionToApply::kSigmoid:
      return "sigmoid";
    case FunctionToApply::kNone:
      return "none";
  }
  return "none";
}

}  // namespace verdict
