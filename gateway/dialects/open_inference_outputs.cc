#include "gateway/dialects/open_inference_outputs.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"

namespace verdict {
namespace {

namespace json = boost::json;
using Kind = WantedOutput::Kind;

constexpr int64_t kMaxClasses = 1 << 20;  // more labels than any model has

absl::Status Invalid(const std::string& message) { return absl::InvalidArgumentError(message); }

absl::StatusOr<Kind> KindOf(std::string_view name, const std::string& path) {
  for (const Kind kind : {Kind::kLabel, Kind::kProbability, Kind::kLabelId, Kind::kProbabilities}) {
    if (name == NameOf(kind)) return kind;
  }
  return Invalid(absl::StrCat(path, ".name: there is no output \"", Shortened(name),
                              "\"; there are label, probability, label_id and probabilities"));
}

// The parameters of the request or of one of its outputs; null: none.
absl::StatusOr<const json::object*> Parameters(const json::object& owner, const std::string& path) {
  const json::value* parameters = owner.if_contains("parameters");
  if (parameters == nullptr) return nullptr;
  if (!parameters->is_object()) return Invalid(path + "parameters: an object is needed");
  return &parameters->get_object();
}

absl::StatusOr<bool> Flag(const json::object* parameters, const std::string& path, const char* name, bool otherwise) {
  const json::value* value = parameters == nullptr ? nullptr : parameters->if_contains(name);
  if (value == nullptr) return otherwise;
  if (!value->is_bool()) return Invalid(absl::StrCat(path, "parameters.", name, ": true or false is needed"));
  return value->get_bool();
}

absl::StatusOr<int> Classes(const json::object* parameters, const std::string& path) {
  const json::value* value = parameters == nullptr ? nullptr : parameters->if_contains("classification");
  if (value == nullptr) return 0;
  const int64_t classes = value->is_int64() ? value->get_int64() : value->is_uint64() ? kMaxClasses : 0;
  if (classes < 1) return Invalid(path + "parameters.classification: a whole number above 0 is needed");
  return static_cast<int>(std::min(classes, kMaxClasses));
}

absl::StatusOr<WantedOutput> ReadOutput(const json::value& value, const std::string& path, bool binary) {
  if (!value.is_object()) return Invalid(path + ": an object is needed");
  const json::object& output = value.get_object();
  const json::value* name = output.if_contains("name");
  if (name == nullptr || !name->is_string()) return Invalid(path + ".name: a string is needed");
  const auto kind = KindOf({name->get_string().data(), name->get_string().size()}, path);
  if (!kind.ok()) return kind.status();
  const auto parameters = Parameters(output, path + ".");
  if (!parameters.ok()) return parameters.status();
  const auto classes = Classes(*parameters, path + ".");
  if (!classes.ok()) return classes.status();
  if (*classes > 0 && *kind != Kind::kProbability && *kind != Kind::kProbabilities)
    return Invalid(path + ".parameters.classification: is for the outputs probability and probabilities");
  const auto as_binary = Flag(*parameters, path + ".", "binary_data", binary);
  if (!as_binary.ok()) return as_binary.status();
  return WantedOutput{*kind, *classes, *as_binary};
}

}  // namespace

const char* NameOf(WantedOutput::Kind kind) {
  switch (kind) {
    case Kind::kLabel:
      return "label";
    case Kind::kProbability:
      return "probability";
    case Kind::kLabelId:
      return "label_id";
    case Kind::kProbabilities:
      return "probabilities";
  }
  return "label";
}

absl::StatusOr<std::vector<WantedOutput>> ReadWantedOutputs(const json::object& request) {
  const auto parameters = Parameters(request, "");
  if (!parameters.ok()) return parameters.status();
  const auto binary = Flag(*parameters, "", "binary_data_output", false);
  if (!binary.ok()) return binary.status();
  const json::value* outputs = request.if_contains("outputs");
  if (outputs != nullptr && !outputs->is_array()) return Invalid("outputs: an array is needed");
  std::vector<WantedOutput> wanted;
  if (outputs == nullptr || outputs->get_array().empty()) {
    for (const Kind kind : {Kind::kLabel, Kind::kProbability, Kind::kLabelId}) wanted.push_back({kind, 0, *binary});
    return wanted;
  }
  std::set<Kind> kinds;
  for (const json::value& value : outputs->get_array()) {
    const std::string path = absl::StrCat("outputs[", wanted.size(), "]");
    const auto output = ReadOutput(value, path, *binary);
    if (!output.ok()) return output.status();
    if (!kinds.insert(output->kind).second)
      return Invalid(absl::StrCat(path, ".name: ", NameOf(output->kind), " is asked for twice"));
    wanted.push_back(*output);
  }
  return wanted;
}

int TopKFor(const std::vector<WantedOutput>& outputs) {
  int most = 1;
  for (const WantedOutput& wanted : outputs) {
    if (wanted.kind == Kind::kProbabilities && wanted.classes == 0) return 0;
    most = std::max(most, wanted.classes);
  }
  return most;
}

}  // namespace verdict
