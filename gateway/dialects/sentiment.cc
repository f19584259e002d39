#include "gateway/dialects/sentiment.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gateway/dialects/error_bodies.h"
#include "gateway/dialects/sentiment_validation.h"
#include "gateway/dialects/text_inputs.h"
#include "gateway/http/ascii.h"
#include "gateway/http/content_negotiation.h"
#include "gateway/http/json_string.h"
#include "gateway/json/probability.h"

namespace verdict {
namespace {

constexpr std::string_view kVersion = "1.0.0";  // of the contract
constexpr std::string_view kUnknown = "unknown";
constexpr std::string_view kModelsScheme = "models:/";

// Appends `separator"name":"value"`.
void AppendMember(std::string& out, std::string_view name, std::string_view value) {
  out += out.empty() || out.back() == '{' ? "" : ",";
  AppendJsonString(out, name);
  out += ':';
  AppendJsonString(out, value);
}

void AppendPrediction(std::string& out, const std::string& text, const ClassifyReply& reply, size_t index) {
  const ClassifyReply::Label& label = reply.results[index].labels.front();
  out += '{';
  AppendMember(out, "text", text);
  AppendMember(out, "sentiment", label.label);
  out += R"(,"confidence":)";
  AppendProbability(out, label.score);
  AppendMember(out, "model_version", reply.model_version);
  out += '}';
}

ProblemOr<Reading> ReadPredict(const HttpRequest& request, JsonBody& body) {
  if (auto refusal = RefuseCoding(request)) return *std::move(refusal);
  ProblemOr<std::string> read = ReadSentimentText(body);
  if (auto* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  std::string& text = std::get<std::string>(read);
  Reading reading;
  reading.call.inputs.push_back({text, std::nullopt});
  reading.call.top_k = 1;
  reading.write = [text = std::move(text)](const ClassifyReply& reply) -> ProblemOr<HttpResponse> {
    std::string out;
    AppendPrediction(out, text, reply, 0);
    return JsonResponse(std::move(out));
  };
  return reading;
}

HttpResponse WritePredictions(const std::vector<std::string>& texts, const ClassifyReply& reply) {
  std::string out = R"({"predictions":[)";
  for (size_t i = 0; i < texts.size(); ++i) {
    if (i > 0) out += ',';
    AppendPrediction(out, texts[i], reply, i);
  }
  return JsonResponse(std::move(out) + "]}");
}

// The size of the batch comes last: a service that is not there is told of first.
ProblemOr<Reading> ReadPredictBatch(const HttpRequest& request, JsonBody& body, size_t max_batch_size) {
  if (auto refusal = RefuseCoding(request)) return *std::move(refusal);
  ProblemOr<const boost::json::array*> read = ReadSentimentTexts(body);
  if (auto* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  const boost::json::array& array = *std::get<const boost::json::array*>(read);
  Reading reading;
  if (const size_t most = std::min(max_batch_size, kMaxTexts); array.size() > most) {
    reading.if_serving = Problem{400, absl::StrCat("Batch size ", array.size(), " exceeds maximum allowed size of ", most)};
    return reading;
  }
  std::vector<std::string> texts;
  for (const boost::json::value& text : array) texts.emplace_back(std::string(text.get_string()));
  for (const std::string& text : texts) reading.call.inputs.push_back({text, std::nullopt});
  reading.call.top_k = 1;
  reading.write = [texts = std::move(texts)](const ClassifyReply& reply) -> ProblemOr<HttpResponse> {
    return WritePredictions(texts, reply);
  };
  return reading;
}

// A model that is not there is one that is not loaded yet; `failed` is what faults of ours are called.
HttpResponse WriteClassifyProblem(const HttpRequest& request, const Problem& problem, std::string_view failed) {
  Problem said = problem;
  if (problem.status == 404) said.status = 503;
  if (said.status == 503) said.detail = "Model not loaded. Service not ready.";
  if (said.status == 500) said.detail = failed;
  return WriteSentimentProblem(request, said);
}

Claim ClaimMember(JsonBody& body, std::string_view name) {
  const JsonOutline* outline = body.OutlineIfGood();
  return outline != nullptr && outline->Has(name) ? Claim::kStrong : Claim::kNo;
}

ClassifyRoute PredictRoute() {
  return {"/predict", R"({"text"})", [](const HttpRequest&, JsonBody& body) { return ClaimMember(body, "text"); }, ReadPredict,
          [](const HttpRequest& request, const Problem& problem) {
            return WriteClassifyProblem(request, problem, "Prediction failed.");
          }};
}

ClassifyRoute PredictBatchRoute(size_t max_batch_size) {
  return {
      "/predict_batch", R"({"texts"})", [](const HttpRequest&, JsonBody& body) { return ClaimMember(body, "texts"); },
      [max_batch_size](const HttpRequest& request, JsonBody& body) { return ReadPredictBatch(request, body, max_batch_size); },
      [](const HttpRequest& request, const Problem& problem) {
        return WriteClassifyProblem(request, problem, "Batch prediction failed.");
      }};
}

// What a model URI names: models:/NAME/STAGE. Versions, "latest" and aliases are no stages.
struct ModelName {
  std::string name, stage;
};

ModelName ParseModelUri(std::string_view uri) {
  if (!uri.starts_with(kModelsScheme)) return {"", std::string(kUnknown)};
  uri.remove_prefix(kModelsScheme.size());
  const std::string_view stage = uri.substr(std::min(uri.size(), uri.find('/')));
  const bool names_stage = stage.size() > 1 && !EqualsIgnoreCase(stage, "/latest") &&
                           stage.find_first_not_of("0123456789", 1) != std::string_view::npos;
  std::string_view name = uri.substr(0, uri.size() - stage.size());
  if (stage.empty()) name = name.substr(0, name.rfind('@'));
  return {std::string(name), std::string(names_stage ? stage.substr(1) : kUnknown)};
}

std::string LoadedAt(absl::Time time) {
  if (time <= absl::UnixEpoch()) return "null";
  return absl::StrCat("\"", absl::FormatTime("%Y-%m-%d%ET%H:%M:%E6S", time, absl::UTCTimeZone()), "\"");
}

HttpResponse WriteModelInfo(const HttpRequest& request, const QueryRoute::Answer& answer, const std::string& model_uri) {
  const absl::StatusCode code = answer.status.code();
  if (code == absl::StatusCode::kUnavailable || code == absl::StatusCode::kNotFound) {
    return WriteSentimentProblem(request, {503, "Model not loaded"});
  }
  if (!answer.status.ok() || answer.models.empty())
    return WriteSentimentProblem(request, {500, "Failed to retrieve model information."});
  const ModelDescription& model = answer.models.front();
  const ModelName named = ParseModelUri(model_uri);
  std::string out = "{";
  AppendMember(out, "model_name", named.name.empty() ? model.name : named.name);
  AppendMember(out, "version", model.version);
  AppendMember(out, "run_id", kUnknown);
  AppendMember(out, "model_uri", model_uri);
  AppendMember(out, "stage", named.stage);
  absl::StrAppend(&out, R"(,"loaded_at":)", LoadedAt(model.loaded_at), "}");
  return JsonResponse(std::move(out));
}

HttpResponse WriteHealth(const QueryRoute::Answer& answer, const std::string& service_name) {
  std::string out = "{";
  AppendMember(out, "status", answer.status.ok() ? "healthy" : "unhealthy");
  out.append(R"(,"model_loaded":)").append(answer.status.ok() ? "true" : "false");
  AppendMember(out, "service_name", service_name);
  AppendMember(out, "version", kVersion);
  return JsonResponse(std::move(out) + "}");
}

HttpResponse WriteRoot(const std::string& service_name) {
  std::string out = "{";
  AppendMember(out, "service", service_name);
  AppendMember(out, "version", kVersion);
  AppendMember(out, "docs", "/docs");
  AppendMember(out, "health", "/health");
  AppendMember(out, "model_info", "/models/info");
  return JsonResponse(std::move(out) + "}");
}

template <typename Question>
QueryRoute Get(std::string path, Question question,
               std::function<HttpResponse(const HttpRequest&, const QueryRoute::Answer&)> write) {
  return {{"GET"},
          std::move(path),
          [question](const HttpRequest&) -> ProblemOr<QueryRoute::Question> { return QueryRoute::Question(question); },
          std::move(write),
          WriteSentimentProblem};
}

}  // namespace

HttpResponse WriteSentimentProblem(const HttpRequest&, const Problem& problem) {
  HttpResponse response = JsonResponse(problem.json, problem.status);
  response.headers = problem.headers;
  if (!response.body.empty()) return response;
  const bool no_route = problem.status == 404 || problem.status == 405;
  response.body = "{";
  AppendMember(response.body, "detail", no_route ? (problem.status == 404 ? "Not Found" : "Method Not Allowed") : problem.detail);
  response.body += '}';
  return response;
}

Dialect SentimentDialect(const SentimentOptions& options) {
  Dialect dialect;
  dialect.classify.push_back(PredictRoute());
  dialect.classify.push_back(PredictBatchRoute(options.max_batch_size));
  dialect.queries.push_back(Get("/", QueryRoute::Nothing(),
                                [name = options.service_name](const HttpRequest&, const auto&) { return WriteRoot(name); }));
  dialect.queries.push_back(
      Get("/health", QueryRoute::Health(),
          [name = options.service_name](const HttpRequest&, const auto& answer) { return WriteHealth(answer, name); }));
  dialect.queries.push_back(Get("/models/info", ModelsQuery{.kind = ModelsQuery::Kind::kGet},
                                [uri = options.model_uri](const HttpRequest& request, const auto& answer) {
                                  return WriteModelInfo(request, answer, uri);
                                }));
  return dialect;
}

}  // namespace verdict
