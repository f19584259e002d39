#include "gateway/dialects/huggingface.h"

#include <algorithm>
#include <initializer_list>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/dialects/error_bodies.h"
#include "gateway/dialects/huggingface_request.h"
#include "gateway/dialects/label_scores.h"
#include "gateway/http/content_negotiation.h"
#include "gateway/http/json_string.h"

namespace verdict {
namespace {

using Form = HuggingFaceRequest::Form;
using Format = HuggingFaceFormat;

constexpr char kShape[] = R"({"inputs"})";

bool HoldsTensors(const boost::json::value& body) {
  const boost::json::array* list = body.get_object().at("inputs").if_array();
  const boost::json::object* first = list == nullptr || list->empty() ? nullptr : list->front().if_object();
  return first != nullptr && first->contains("datatype");
}

bool HasAny(const JsonOutline& outline, std::initializer_list<std::string_view> names) {
  return std::any_of(names.begin(), names.end(), [&](std::string_view name) { return outline.Has(name); });
}

Claim ClaimInputs(const HttpRequest&, JsonBody& body) { return HasHuggingFaceInputs(body) ? Claim::kStrong : Claim::kNo; }

// What the pipeline of transformers returns: without top_k the best label alone.
std::string WriteFlat(bool ranked, Form form, const ClassifyReply& reply) {
  std::string body;
  for (const ClassifyReply::Result& result : reply.results) {
    if (!body.empty()) body += ',';
    if (ranked) {
      AppendLabelScores(body, result.labels);
    } else {
      AppendLabelScore(body, result.labels.front());
    }
  }
  const bool bare = ranked ? form != Form::kList : form == Form::kPair;
  return bare ? body : absl::StrCat("[", body, "]");
}

std::string WriteNested(const ClassifyReply& reply) {
  std::string body = "[";
  for (const ClassifyReply::Result& result : reply.results) {
    if (body.size() > 1) body += ',';
    AppendLabelScores(body, result.labels);
  }
  return body += ']';
}

ProblemOr<Reading> MakeReading(HuggingFaceRequest request, bool nested) {
  Reading reading;
  const PipelineParameters parameters = request.parameters;
  reading.call.inputs = std::move(request.inputs);
  reading.call.top_k = parameters.top_k.value_or(nested ? 0 : 1);
  if (auto problem = Apply(parameters, reading.call)) return *std::move(problem);
  reading.write = [parameters, nested, form = request.form](const ClassifyReply& reply) -> ProblemOr<HttpResponse> {
    if (auto problem = CheckMaxLength(parameters, reply)) return *std::move(problem);
    HttpResponse response{.status = 200, .content_type = "application/json"};
    response.body = nested ? WriteNested(reply) : WriteFlat(parameters.top_k.has_value(), form, reply);
    return response;
  };
  return reading;
}

ProblemOr<bool> WantsNested(const HttpRequest& request, Format format) {
  const auto asked = request.headers.Find(kHuggingFaceFormatHeader);
  if (!asked) return format == Format::kNested;
  const auto word = ParseHuggingFaceFormat(*asked);
  if (word && *word != Format::kAuto) return *word == Format::kNested;
  return Problem{400, absl::StrCat(kHuggingFaceFormatHeader, " must be flat or nested, not \"", Shortened(*asked), "\"")};
}

bool IsPlainText(const HttpRequest& request) {
  const auto type = request.headers.Find("Content-Type");
  return type && ParseMediaType(*type).type == "text/plain";
}

// Whether the caller says nothing about the body that is no JSON, and does not look like an attempt at it.
bool IsUntypedText(const HttpRequest& request) {
  const std::string type = ParseMediaType(request.headers.Find("Content-Type").value_or("")).type;
  if (!type.empty() && type != "application/octet-stream") return false;
  const size_t first = request.body.find_first_not_of(" \t\r\n");
  return first != std::string::npos && std::string_view("{[\"").find(request.body[first]) == std::string_view::npos;
}

// The hosted API takes a body that is no object for the text.
ProblemOr<HuggingFaceRequest> ReadHosted(const HttpRequest& request, JsonBody& body) {
  if (IsPlainText(request)) {
    if (auto refusal = RefuseUnlessUtf8(request)) return *std::move(refusal);
    return ReadHuggingFaceText(request.body);
  }
  if (auto refusal = RefuseUnlessJson(request)) return *std::move(refusal);
  const JsonOutline* outline = body.OutlineIfGood();
  if (outline == nullptr && IsUntypedText(request)) return ReadHuggingFaceText(request.body);
  const bool bare = outline != nullptr && (outline->kind == JsonKind::kString || outline->kind == JsonKind::kNumber);
  return bare ? ReadHuggingFaceBareJson(body) : ReadHuggingFaceRequest(body);
}

ProblemOr<HuggingFaceRequest> ReadToolkit(const HttpRequest& request, JsonBody& body) {
  if (auto refusal = RefuseUnlessJson(request)) return *std::move(refusal);
  return ReadHuggingFaceRequest(body);
}

HttpResponse WriteToolkitProblem(const HttpRequest&, const Problem& problem) {
  // The toolkit reports every mistake of a caller under this name.
  return WriteModelServerError(problem, problem.status == 400 ? "InternalServerException" : "");
}

HttpResponse WriteHostedProblem(const HttpRequest& request, const Problem& problem) {
  if (problem.status != 503) return WriteErrorMember(problem);
  const std::string_view model = request.PathParameter("model");
  const std::string name = model.empty() ? "The model" : absl::StrCat("Model ", Shortened(model));
  HttpResponse response = WriteErrorMember({503, absl::StrCat(name, " is currently loading: ", problem.detail), problem.headers});
  response.body.pop_back();
  response.body += R"(,"estimated_time":1.0})";
  return response;
}

using ReadRequest = ProblemOr<HuggingFaceRequest> (*)(const HttpRequest&, JsonBody&);
using WriteProblem = HttpResponse (*)(const HttpRequest&, const Problem&);

ClassifyRoute MakeRoute(std::string path, Format format, ReadRequest read_request, WriteProblem write_problem) {
  const auto read = [format, read_request](const HttpRequest& request, JsonBody& body) -> ProblemOr<Reading> {
    const ProblemOr<bool> nested = WantsNested(request, format);
    if (const auto* problem = std::get_if<Problem>(&nested)) return *problem;
    ProblemOr<HuggingFaceRequest> asked = read_request(request, body);
    if (auto* problem = std::get_if<Problem>(&asked)) return std::move(*problem);
    return MakeReading(std::get<HuggingFaceRequest>(std::move(asked)), std::get<bool>(nested));
  };
  return {std::move(path), kShape, ClaimInputs, read, write_problem};
}

}  // namespace

std::optional<HuggingFaceFormat> ParseHuggingFaceFormat(std::string_view word) {
  if (word == "auto") return Format::kAuto;
  if (word == "flat") return Format::kFlat;
  if (word == "nested") return Format::kNested;
  return std::nullopt;
}

bool HasHuggingFaceInputs(JsonBody& body) {
  const JsonOutline* outline = body.OutlineIfGood();
  const JsonOutline::Member* inputs = outline == nullptr ? nullptr : outline->Find("inputs");
  if (inputs == nullptr) return false;
  if (inputs->kind == JsonKind::kArray) {
    const ProblemOr<const boost::json::value*> value = body.Value();
    const auto* read = std::get_if<const boost::json::value*>(&value);
    if (read != nullptr && HoldsTensors(**read)) return false;
  }
  const bool foreign = HasAny(*outline, {"params", "truncate", "raw_scores", "truncation_direction"});
  return !foreign || HasAny(*outline, {"parameters", "options"});
}

Dialect HuggingFaceDialect(const HuggingFaceOptions& options) {
  const auto or_else = [&](Format by_route) { return options.format == Format::kAuto ? by_route : options.format; };
  Dialect dialect;
  dialect.classify.push_back(MakeRoute("/invocations", or_else(Format::kFlat), ReadToolkit, WriteToolkitProblem));
  for (const char* path : {"/", "/models/{model}", "/models/{model}/pipeline/text-classification",
                           "/pipeline/text-classification", "/pipeline/text-classification/{model}"}) {
    dialect.classify.push_back(MakeRoute(path, or_else(Format::kNested), ReadHosted, WriteHostedProblem));
  }
  return dialect;
}

}  // namespace verdict
