#include "gateway/dialects/mlflow.h"

#include <climits>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/dialects/label_scores.h"
#include "gateway/dialects/mlflow_inputs.h"
#include "gateway/http/ascii.h"
#include "gateway/http/content_negotiation.h"
#include "gateway/http/header_parameters.h"
#include "gateway/http/json_string.h"

namespace verdict {
namespace {

namespace json = boost::json;

// The release whose contract this follows; clients only print it.
constexpr char kMlflowVersion[] = "3.18.0";

constexpr std::string_view kJson = "application/json";

// What `params` may say; the rest of them is ignored, as by a model of MLflow whose signature does not have them.
struct Params {
  bool ranked = false;  // top_k was given: a row holds the best labels instead of the best one
  int top_k = 1;        // 0: all
  ClassifyCall::Function function = ClassifyCall::Function::kModelDefault;
};

Problem Bad(std::string message) { return {400, std::move(message)}; }

ProblemOr<int> TopK(const json::value& value) {
  if (value.is_null()) return 0;
  if (!value.is_int64() || value.get_int64() < 1 || value.get_int64() > INT_MAX)
    return Bad("params.top_k must be a whole number above 0, or null for all labels");
  return static_cast<int>(value.get_int64());
}

ProblemOr<ClassifyCall::Function> FunctionToApply(const json::value& value) {
  if (value.is_null()) return ClassifyCall::Function::kModelDefault;
  const json::string* name = value.if_string();
  const std::string lower = name == nullptr ? "" : AsciiToLower({name->data(), name->size()});
  if (lower == "softmax") return ClassifyCall::Function::kSoftmax;
  if (lower == "sigmoid") return ClassifyCall::Function::kSigmoid;
  if (lower == "none") return ClassifyCall::Function::kNone;
  return Bad("params.function_to_apply must be softmax, sigmoid or none");
}

ProblemOr<Params> ReadParams(const json::object& request) {
  Params params;
  const json::value* given = request.if_contains("params");
  if (given == nullptr || given->is_null()) return params;
  const json::object* object = given->if_object();
  if (object == nullptr) return Bad("params must be an object");
  if (const json::value* top_k = object->if_contains("top_k")) {
    const ProblemOr<int> number = TopK(*top_k);
    if (const auto* problem = std::get_if<Problem>(&number)) return *problem;
    params.ranked = true;
    params.top_k = std::get<int>(number);
  }
  if (const json::value* function = object->if_contains("function_to_apply")) {
    const ProblemOr<ClassifyCall::Function> read = FunctionToApply(*function);
    if (const auto* problem = std::get_if<Problem>(&read)) return *problem;
    params.function = std::get<ClassifyCall::Function>(read);
  }
  return params;
}

// A frame in records orientation; of ranked labels, its columns are "0", "1", ….
ProblemOr<HttpResponse> WritePredictions(const ClassifyReply& reply, bool ranked) {
  HttpResponse response{.status = 200, .content_type = std::string(kJson)};
  std::string& body = response.body;
  body = R"({"predictions":[)";
  for (const ClassifyReply::Result& result : reply.results) {
    if (body.back() != '[') body += ',';
    if (!ranked) {
      AppendLabelScore(body, result.labels.front());
      continue;
    }
    for (size_t i = 0; i < result.labels.size(); ++i) {
      absl::StrAppend(&body, i == 0 ? "{\"" : ",\"", i, "\":");
      AppendLabelScore(body, result.labels[i]);
    }
    body += '}';
  }
  body += "]}";
  return response;
}

// Content-Type as MLflow reads it: no other type, no parameter but charset, and that utf-8. None at all is JSON.
std::optional<Problem> RefuseMediaType(const HttpRequest& request) {
  if (auto refusal = RefuseCoding(request)) return refusal;
  const auto header = request.headers.Find("Content-Type");
  if (!header) return std::nullopt;
  if (!EqualsIgnoreCase(HeaderWithoutParameters(*header), kJson)) {
    return Problem{
        415, absl::StrCat("This predictor only supports the content type application/json. Got '", Shortened(*header), "'.")};
  }
  for (const HeaderParameter& parameter : ReadHeaderParameters(*header)) {
    if (parameter.name != "charset") {
      return Problem{415, absl::StrCat("Unrecognized content type parameters: ", Shortened(parameter.name), ".")};
    }
    if (!EqualsIgnoreCase(parameter.value, "utf-8")) return Problem{415, "The scoring server only supports UTF-8"};
  }
  return std::nullopt;
}

ProblemOr<Reading> ReadInvocation(const HttpRequest& request, JsonBody& body) {
  if (auto refusal = RefuseMediaType(request)) return *std::move(refusal);
  const ProblemOr<const json::value*> value = body.Value();
  if (const auto* problem = std::get_if<Problem>(&value)) return *problem;
  const json::object* object = std::get<const json::value*>(value)->if_object();
  if (object == nullptr) return Bad("the input must be a JSON object, such as {\"inputs\":[\"a text\"]}");
  const ProblemOr<Params> read = ReadParams(*object);
  if (const auto* problem = std::get_if<Problem>(&read)) return *problem;
  const Params& params = std::get<Params>(read);
  auto inputs = ReadMlflowInputs(*object);
  if (!inputs.ok()) return Bad(std::string(inputs.status().message()));
  Reading reading;
  reading.call.inputs = *std::move(inputs);
  reading.call.top_k = params.top_k;
  reading.call.function_to_apply = params.function;
  reading.write = [ranked = params.ranked](const ClassifyReply& reply) { return WritePredictions(reply, ranked); };
  return reading;
}

// `inputs` is also Hugging Face's; with `params` it is MLflow's alone.
Claim ClaimInvocation(const HttpRequest&, JsonBody& body) {
  const JsonOutline* outline = body.OutlineIfGood();
  if (outline == nullptr) return Claim::kNo;
  if (outline->Has("dataframe_split") || outline->Has("dataframe_records") || outline->Has("instances")) return Claim::kStrong;
  if (!outline->Has("inputs")) return Claim::kNo;
  return outline->Has("params") ? Claim::kStrong : Claim::kWeak;
}

const char* ErrorCode(int status) {
  switch (status) {
    case 404:
      return "RESOURCE_DOES_NOT_EXIST";
    case 429:
      return "REQUEST_LIMIT_EXCEEDED";
    case 500:
      return "INTERNAL_ERROR";
    case 503:
      return "TEMPORARILY_UNAVAILABLE";
    case 504:
      return "DEADLINE_EXCEEDED";
    default:
      return "BAD_REQUEST";
  }
}

HttpResponse WriteProblem(const HttpRequest&, const Problem& problem) {
  HttpResponse response{.status = problem.status, .content_type = std::string(kJson), .headers = problem.headers};
  if (problem.status == 415) {
    response.content_type = "text/plain; charset=utf-8";
    response.body = problem.detail;
    return response;
  }
  response.body = absl::StrCat(R"({"error_code":")", ErrorCode(problem.status), R"(","message":)");
  AppendJsonString(response.body, problem.detail);
  response.body += '}';
  return response;
}

HttpResponse WriteHealth(const HttpRequest&, const QueryRoute::Answer& answer) {
  return {.status = answer.status.ok() ? 200 : 404, .content_type = std::string(kJson), .body = "\n"};
}

HttpResponse WriteVersion(const HttpRequest&, const QueryRoute::Answer&) {
  return {.status = 200, .content_type = std::string(kJson), .body = kMlflowVersion};
}

}  // namespace

Dialect MlflowDialect() {
  Dialect dialect;
  dialect.classify.push_back({"/invocations",
                              R"({"dataframe_split"}, {"dataframe_records"}, {"instances"} or {"inputs","params"})",
                              ClaimInvocation, ReadInvocation, WriteProblem});
  for (const char* path : {"/ping", "/health"}) {
    dialect.queries.push_back({{"GET"}, path, Ask<QueryRoute::Health>, WriteHealth, WriteProblem});
  }
  dialect.queries.push_back({{"GET"}, "/version", Ask<QueryRoute::Nothing>, WriteVersion, WriteProblem});
  return dialect;
}

}  // namespace verdict
