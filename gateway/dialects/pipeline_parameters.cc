#include "gateway/dialects/pipeline_parameters.h"

#include <algorithm>
#include <climits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/dialects/text_inputs.h"
#include "gateway/http/ascii.h"

namespace verdict {
namespace {

namespace json = boost::json;

constexpr char kKnown[] = "top_k, return_all_scores, function_to_apply, truncation, max_length and padding";

struct Value {
  const json::value& json;
  JsonPlace place;
};

Problem NotOneOf(const Value& value, std::string_view words) {
  std::string given(Describe(KindOf(value.json)));
  if (const json::string* text = value.json.if_string()) {
    given = absl::StrCat("\"", Shortened(std::string_view(text->data(), text->size())), "\"");
  }
  return {400, absl::StrCat(ToString(value.place), " must be ", std::string(words), ", not ", given)};
}

std::string WordOf(const Value& value) {
  const json::string* text = value.json.if_string();
  return text == nullptr ? std::string() : std::string(text->data(), text->size());
}

// A number from 1 on; what no int holds is the largest one.
std::optional<Problem> ReadPositive(const Value& value, int& number) {
  if (const uint64_t* large = value.json.if_uint64()) {
    number = static_cast<int>(std::min<uint64_t>(*large, INT_MAX));
  } else if (const int64_t* integer = value.json.if_int64(); integer != nullptr && *integer > 0) {
    number = static_cast<int>(std::min<int64_t>(*integer, INT_MAX));
  } else {
    const bool is_number = value.json.is_int64() || value.json.is_double();
    return is_number ? Problem{400, absl::StrCat(ToString(value.place), " must be a whole number from 1 on")}
                     : WrongType(value.place, "a whole number from 1 on", value.json);
  }
  return std::nullopt;
}

std::optional<Problem> ReadFunction(const Value& value, PipelineParameters& parameters) {
  using Function = ClassifyCall::Function;
  if (value.json.is_null()) return std::nullopt;
  const std::string word = AsciiToLower(WordOf(value));
  if (word == "sigmoid") {
    parameters.function = Function::kSigmoid;
  } else if (word == "softmax") {
    parameters.function = Function::kSoftmax;
  } else if (word == "none") {
    parameters.function = Function::kNone;
  } else {
    return NotOneOf(value, R"("sigmoid", "softmax" or "none")");
  }
  return std::nullopt;
}

std::optional<Problem> ReadTruncation(const Value& value, PipelineParameters& parameters) {
  const std::string word = WordOf(value);
  if (const bool* truncate = value.json.if_bool()) {
    if (!*truncate) parameters.truncation = ClassifyCall::Truncation::kError;
  } else if (word == "do_not_truncate") {
    parameters.truncation = ClassifyCall::Truncation::kError;
  } else if (word == "only_first") {
    parameters.only_first = true;
  } else if (word != "longest_first" && !value.json.is_null()) {
    return NotOneOf(value, R"(true, false, "longest_first", "only_first" or "do_not_truncate")");
  }
  return std::nullopt;
}

std::optional<Problem> ReadPadding(const Value& value) {
  const std::string word = WordOf(value);
  if (value.json.is_bool() || value.json.is_null() || word == "longest" || word == "max_length" || word == "do_not_pad") {
    return std::nullopt;
  }
  return NotOneOf(value, R"(true, false, "longest", "max_length" or "do_not_pad")");
}

std::optional<Problem> ReadTopK(const Value& value, PipelineParameters& parameters) {
  parameters.top_k = 0;
  return value.json.is_null() ? std::nullopt : ReadPositive(value, *parameters.top_k);
}

std::optional<Problem> ReadParameter(const Value& value, PipelineParameters& parameters) {
  const std::string_view name = value.place.member;
  if (name == "top_k") return ReadTopK(value, parameters);
  if (name == "function_to_apply") return ReadFunction(value, parameters);
  if (name == "truncation") return ReadTruncation(value, parameters);
  if (name == "padding") return ReadPadding(value);
  if (name == "max_length") return value.json.is_null() ? std::nullopt : ReadPositive(value, parameters.max_length);
  if (name == "return_all_scores") {
    if (value.json.is_bool() || value.json.is_null()) return std::nullopt;
    return WrongType(value.place, "a boolean", value.json);
  }
  return Problem{400, absl::StrCat(Shortened(ToString(value.place)), " is not known here; there are ", kKnown)};
}

}  // namespace

ProblemOr<PipelineParameters> ReadPipelineParameters(const json::value& value, std::string_view name) {
  PipelineParameters parameters;
  if (value.is_null()) return parameters;
  const json::object* object = value.if_object();
  if (object == nullptr) return WrongType({name}, "an object", value);
  for (const auto& [key, member] : *object) {
    const Value read{member, {name, std::nullopt, std::string_view(key.data(), key.size())}};
    if (auto problem = ReadParameter(read, parameters)) return *std::move(problem);
  }
  const json::value* const all = object->if_contains("return_all_scores");
  if (all != nullptr && all->is_bool() && !parameters.top_k) parameters.top_k = all->get_bool() ? 0 : 1;
  return parameters;
}

std::optional<Problem> Apply(const PipelineParameters& parameters, ClassifyCall& call) {
  call.function_to_apply = parameters.function;
  call.truncation_policy = parameters.truncation;
  const auto is_pair = [](const ClassifyCall::Input& input) { return input.text_pair.has_value(); };
  if (!parameters.only_first || std::none_of(call.inputs.begin(), call.inputs.end(), is_pair)) return std::nullopt;
  return Problem{400, "truncation \"only_first\" is for single texts; of pairs the longer text is cut first: \"longest_first\""};
}

std::optional<Problem> CheckMaxLength(const PipelineParameters& parameters, const ClassifyReply& reply) {
  const int limit = parameters.max_length;
  if (limit == 0 || parameters.truncation == ClassifyCall::Truncation::kError) return std::nullopt;
  for (size_t i = 0; i < reply.results.size(); ++i) {
    if (reply.results[i].tokens <= limit) continue;
    return Problem{400, absl::StrCat("max_length ", limit, " would cut text ", i, ", which has ", reply.results[i].tokens,
                                     " tokens; texts are cut at the model's own limit only, so leave max_length out")};
  }
  return std::nullopt;
}

}  // namespace verdict
