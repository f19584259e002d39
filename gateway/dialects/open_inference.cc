#include "gateway/dialects/open_inference.h"

#include <charconv>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/dialects/error_bodies.h"
#include "gateway/dialects/open_inference_answer.h"
#include "gateway/dialects/open_inference_inputs.h"
#include "gateway/dialects/open_inference_outputs.h"
#include "gateway/http/content_negotiation.h"
#include "gateway/http/json_string.h"
#include "gateway/http/rpc_status.h"

#ifndef VERDICT_VERSION
#define VERDICT_VERSION "unknown"
#endif

namespace verdict {
namespace {

namespace json = boost::json;

constexpr std::string_view kJsonSizeHeader = "Inference-Header-Content-Length";

HttpResponse WriteProblem(const HttpRequest&, const Problem& problem) { return WriteErrorMember(problem); }

// How many bytes of the body are JSON; all of them where no header says otherwise.
ProblemOr<size_t> JsonSize(const HttpRequest& request) {
  const auto header = request.headers.Find(kJsonSizeHeader);
  if (!header) return request.body.size();
  size_t size = 0;
  const char* const end = header->data() + header->size();
  const auto result = std::from_chars(header->data(), end, size);
  if (result.ec != std::errc() || result.ptr != end || size > request.body.size()) {
    return Problem{400,
                   absl::StrCat(std::string(kJsonSizeHeader), " must be the number of bytes of the body that are JSON, at most ",
                                request.body.size(), ", not \"", Shortened(*header), "\"")};
  }
  return size;
}

Problem BadRequest(const absl::Status& status) { return {400, std::string(status.message())}; }

ProblemOr<Reading> ReadRequest(const json::object& request, std::string_view binary) {
  std::optional<std::string> id;
  if (const json::value* value = request.if_contains("id")) {
    if (!value->is_string()) return Problem{400, "id: a string is needed"};
    id.emplace(value->get_string().data(), value->get_string().size());
  }
  auto outputs = ReadWantedOutputs(request);
  if (!outputs.ok()) return BadRequest(outputs.status());
  auto inputs = ReadInferInputs(request, binary);
  if (!inputs.ok()) return BadRequest(inputs.status());
  Reading reading;
  reading.call.inputs = *std::move(inputs);
  reading.call.top_k = TopKFor(*outputs);
  reading.write = [id = std::move(id), outputs = *std::move(outputs)](const ClassifyReply& reply) -> ProblemOr<HttpResponse> {
    return WriteInferAnswer(reply, id, outputs);
  };
  return reading;
}

ProblemOr<Reading> ReadInfer(const HttpRequest& request, JsonBody& whole) {
  if (auto refusal = RefuseUnlessJson(request)) return *std::move(refusal);
  const ProblemOr<size_t> size = JsonSize(request);
  if (const auto* problem = std::get_if<Problem>(&size)) return *problem;
  const std::string_view text = request.body;
  const size_t json_size = std::get<size_t>(size);
  JsonBody front(text.substr(0, json_size));
  JsonBody& body = json_size == text.size() ? whole : front;
  const ProblemOr<const json::value*> value = body.Value();
  if (const auto* problem = std::get_if<Problem>(&value)) return *problem;
  const json::object* object = std::get<const json::value*>(value)->if_object();
  if (object == nullptr) return Problem{400, "the body is no JSON object: send {\"inputs\":[…]}"};
  return ReadRequest(*object, text.substr(json_size));
}

// Whether `inputs` is a list of tensors. Only a body with the word in it is worth a look at what is inside.
Claim ClaimInvocation(const HttpRequest& request, JsonBody& body) {
  if (request.headers.Find(kJsonSizeHeader)) return Claim::kStrong;
  if (body.text().find("\"datatype\"") == std::string_view::npos) return Claim::kNo;
  const ProblemOr<const json::value*> value = body.Value();
  const auto* const* good = std::get_if<const json::value*>(&value);
  const json::object* object = good == nullptr ? nullptr : (*good)->if_object();
  const json::value* inputs = object == nullptr ? nullptr : object->if_contains("inputs");
  const json::array* tensors = inputs == nullptr ? nullptr : inputs->if_array();
  const json::object* first = tensors == nullptr || tensors->empty() ? nullptr : tensors->front().if_object();
  return first != nullptr && first->contains("datatype") ? Claim::kStrong : Claim::kNo;
}

void AppendTensor(std::string& out, std::string_view name, std::string_view datatype, std::string_view shape) {
  absl::StrAppend(&out, out.back() == '[' ? "" : ",", R"({"name":")", std::string(name), R"(","datatype":")",
                  std::string(datatype), R"(","shape":[)", std::string(shape), "]}");
}

HttpResponse WriteModel(const ModelDescription& model) {
  std::string body = R"({"name":)";
  AppendJsonString(body, model.name);
  body += R"(,"versions":[)";
  AppendJsonString(body, model.version);
  body += R"(],"platform":)";
  AppendJsonString(body, "verdict_" + model.backend);
  body += R"(,"inputs":[)";
  AppendTensor(body, "text", "BYTES", "-1");
  AppendTensor(body, "text_pair", "BYTES", "-1");
  body += R"(],"outputs":[)";
  AppendTensor(body, "label", "BYTES", "-1");
  AppendTensor(body, "probability", "FP32", "-1");
  AppendTensor(body, "label_id", "INT64", "-1");
  AppendTensor(body, "probabilities", "FP32", absl::StrCat("-1,", model.labels.size()));
  return JsonResponse(body + "]}");
}

HttpResponse WriteModelReady(const ModelDescription& model) {
  std::string body = R"({"name":)";
  AppendJsonString(body, model.name);
  return JsonResponse(body + R"(,"ready":true})");
}

HttpResponse WriteModelNames(const std::vector<ModelDescription>& models) {
  std::string body = R"({"models":[)";
  for (const ModelDescription& model : models) {
    if (body.back() != '[') body += ',';
    AppendJsonString(body, model.name);
  }
  return JsonResponse(body + "]}");
}

HttpResponse WriteIndex(const std::vector<ModelDescription>& models) {
  std::string body = "[";
  for (const ModelDescription& model : models) {
    body += body.back() == '[' ? R"({"name":)" : R"(,{"name":)";
    AppendJsonString(body, model.name);
    body += R"(,"version":)";
    AppendJsonString(body, model.version);
    body += R"(,"state":"READY","reason":""})";
  }
  return JsonResponse(body + "]");
}

HttpResponse WriteReady(const HttpRequest&, const QueryRoute::Answer& answer) {
  return answer.status.ok() ? JsonResponse(R"({"ready":true})") : JsonResponse(R"({"ready":false})", 503);
}

QueryRoute Fixed(std::string path, std::string body) {
  return {{"GET"},
          std::move(path),
          Ask<QueryRoute::Nothing>,
          [body = std::move(body)](const HttpRequest&, const QueryRoute::Answer&) { return JsonResponse(body); },
          WriteProblem};
}

// About one model, which the path names.
QueryRoute OneModel(std::string path, HttpResponse (*write)(const ModelDescription&)) {
  return {{"GET"},
          std::move(path),
          [](const HttpRequest& request) -> ProblemOr<QueryRoute::Question> {
            return QueryRoute::Question(ModelsQuery{.kind = ModelsQuery::Kind::kGet,
                                                    .name = std::string(request.PathParameter("model")),
                                                    .version = std::string(request.PathParameter("version"))});
          },
          [write](const HttpRequest& request, const QueryRoute::Answer& answer) {
            if (!answer.status.ok()) return WriteProblem(request, ProblemFromStatus(answer.status));
            if (answer.models.empty()) return WriteProblem(request, {500, "the classification service answered without a model"});
            return write(answer.models.front());
          },
          WriteProblem};
}

QueryRoute AllModels(std::string method, std::string path, HttpResponse (*write)(const std::vector<ModelDescription>&)) {
  return {{std::move(method)},
          std::move(path),
          [](const HttpRequest&) -> ProblemOr<QueryRoute::Question> {
            return QueryRoute::Question(ModelsQuery{.kind = ModelsQuery::Kind::kList});
          },
          [write](const HttpRequest& request, const QueryRoute::Answer& answer) {
            return answer.status.ok() ? write(answer.models) : WriteProblem(request, ProblemFromStatus(answer.status));
          },
          WriteProblem};
}

}  // namespace

Dialect OpenInferenceDialect() {
  constexpr char kShape[] = R"({"inputs":[{"name","shape","datatype","data"}]})";
  Dialect dialect;
  for (const char* path : {"/v2/models/{model}/infer", "/v2/models/{model}/versions/{version}/infer"}) {
    dialect.classify.push_back({path, kShape, {}, ReadInfer, WriteProblem});
  }
  dialect.classify.push_back({"/invocations", kShape, ClaimInvocation, ReadInfer, WriteProblem});
  std::vector<QueryRoute>& queries = dialect.queries;
  queries.push_back(Fixed(
      "/v2", R"({"name":"verdict","version":")" VERDICT_VERSION R"(","extensions":["classification","binary_tensor_data"]})"));
  queries.push_back(Fixed("/v2/health/live", R"({"live":true})"));
  queries.push_back({{"GET"}, "/v2/health/ready", Ask<QueryRoute::Health>, WriteReady, WriteProblem});
  queries.push_back(AllModels("GET", "/v2/models", WriteModelNames));
  queries.push_back(AllModels("POST", "/v2/repository/index", WriteIndex));
  for (const std::string model : {"/v2/models/{model}", "/v2/models/{model}/versions/{version}"}) {
    queries.push_back(OneModel(model, WriteModel));
    queries.push_back(OneModel(model + "/ready", WriteModelReady));
  }
  return dialect;
}

}  // namespace verdict
