#include "gateway/dialects/kserve.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/dialects/error_bodies.h"
#include "gateway/dialects/kserve_request.h"
#include "gateway/dialects/label_scores.h"
#include "gateway/http/content_negotiation.h"
#include "gateway/http/json_string.h"
#include "gateway/http/rpc_status.h"
#include "gateway/json/score.h"

namespace verdict {
namespace {

using Labels = std::vector<ClassifyReply::Label>;
using Predictions = KServePredictions;

void AppendIds(std::string& out, const Labels& labels) {
  out += '[';
  for (const ClassifyReply::Label& label : labels) absl::StrAppend(&out, out.back() == '[' ? "" : ",", label.label_id);
  out += ']';
}

void AppendProbabilities(std::string& out, Labels labels) {
  std::sort(labels.begin(), labels.end(), [](const auto& a, const auto& b) { return a.label_id < b.label_id; });
  out += '{';
  for (const ClassifyReply::Label& label : labels) {
    absl::StrAppend(&out, out.back() == '{' ? "" : ",", "\"", label.label_id, "\":");
    AppendScore(out, label.score);
  }
  out += '}';
}

void AppendPrediction(std::string& out, const Labels& labels, Predictions form, bool ranked) {
  switch (form) {
    case Predictions::kLabels:
      return ranked ? AppendLabelScores(out, labels) : AppendLabelScore(out, labels.front());
    case Predictions::kIds:
      return ranked ? AppendIds(out, labels) : absl::StrAppend(&out, labels.front().label_id);
    case Predictions::kProbabilities:
      return AppendProbabilities(out, labels);
  }
}

HttpResponse WritePredictions(const ClassifyReply& reply, Predictions form, bool ranked) {
  HttpResponse response{.status = 200, .content_type = "application/json", .body = R"({"predictions":[)"};
  for (size_t i = 0; i < reply.results.size(); ++i) {
    if (i > 0) response.body += ',';
    AppendPrediction(response.body, reply.results[i].labels, form, ranked);
  }
  response.body += "]}";
  return response;
}

ProblemOr<Reading> ReadPrediction(const HttpRequest& request, JsonBody& body, Predictions form) {
  if (auto refusal = RefuseUnlessJson(request)) return *std::move(refusal);
  ProblemOr<KServeRequest> read = ReadKServeRequest(body);
  if (auto* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  KServeRequest& asked = std::get<KServeRequest>(read);
  Reading reading;
  reading.call.inputs = std::move(asked.inputs);
  reading.call.top_k = asked.parameters.top_k.value_or(form == Predictions::kProbabilities ? 0 : 1);
  if (auto problem = Apply(asked.parameters, reading.call)) return *std::move(problem);
  reading.write = [form, parameters = asked.parameters](const ClassifyReply& reply) -> ProblemOr<HttpResponse> {
    if (auto problem = CheckMaxLength(parameters, reply)) return *std::move(problem);
    return WritePredictions(reply, form, parameters.top_k.has_value());
  };
  return reading;
}

HttpResponse WriteProblem(const HttpRequest& request, const Problem& problem) {
  const std::string_view model = request.PathParameter("model");
  if (problem.status != 503 || model.empty()) return WriteErrorMember(problem);
  return WriteErrorMember(
      {503, absl::StrCat("Model with name ", Shortened(model), " is not ready: ", problem.detail), problem.headers});
}

Claim ClaimInstances(const HttpRequest&, JsonBody& body) {
  const JsonOutline* outline = body.OutlineIfGood();
  return outline != nullptr && outline->Has("instances") ? Claim::kWeak : Claim::kNo;
}

ProblemOr<QueryRoute::Question> AskList(const HttpRequest&) {
  return QueryRoute::Question(ModelsQuery{.kind = ModelsQuery::Kind::kList});
}

HttpResponse WriteList(const HttpRequest& request, const QueryRoute::Answer& answer) {
  if (!answer.status.ok()) return WriteProblem(request, ProblemFromStatus(answer.status));
  HttpResponse response{.status = 200, .content_type = "application/json", .body = R"({"models":[)"};
  for (const ModelDescription& model : answer.models) {
    if (response.body.back() != '[') response.body += ',';
    AppendJsonString(response.body, model.name);
  }
  response.body += "]}";
  return response;
}

ProblemOr<QueryRoute::Question> AskModel(const HttpRequest& request) {
  return QueryRoute::Question(ModelsQuery{.kind = ModelsQuery::Kind::kGet, .name = std::string(request.PathParameter("model"))});
}

HttpResponse WriteReady(const HttpRequest& request, const QueryRoute::Answer& answer) {
  if (!answer.status.ok()) return WriteProblem(request, ProblemFromStatus(answer.status));
  HttpResponse response{.status = 200, .content_type = "application/json", .body = R"({"name":)"};
  AppendJsonString(response.body, request.PathParameter("model"));
  response.body += R"(,"ready":true})";
  return response;
}

HttpResponse WriteHealth(const HttpRequest&, const QueryRoute::Answer& answer) {
  return answer.status.ok() ? HttpResponse() : WriteErrorMember({503, std::string(answer.status.message())});
}

}  // namespace

std::optional<KServePredictions> ParseKServePredictions(std::string_view word) {
  if (word == "labels") return Predictions::kLabels;
  if (word == "ids") return Predictions::kIds;
  if (word == "probabilities") return Predictions::kProbabilities;
  return std::nullopt;
}

Dialect KServeDialect(const KServeOptions& options) {
  constexpr char kShape[] = R"({"instances"})";
  const auto read = [form = options.predictions](const HttpRequest& request, JsonBody& body) {
    return ReadPrediction(request, body, form);
  };
  Dialect dialect;
  dialect.classify.push_back({"/v1/models/{model}:predict", kShape, ClaimInstances, read, WriteProblem});
  if (!options.vertex_predict_route.empty()) {
    dialect.classify.push_back({options.vertex_predict_route, kShape, ClaimInstances, read, WriteProblem});
  }
  dialect.queries.push_back({{"GET"}, "/v1/models", AskList, WriteList, WriteProblem});
  dialect.queries.push_back({{"GET"}, "/v1/models/{model}", AskModel, WriteReady, WriteProblem});
  if (!options.vertex_health_route.empty()) {
    dialect.queries.push_back({{"GET"}, options.vertex_health_route, Ask<QueryRoute::Health>, WriteHealth, WriteProblem});
  }
  return dialect;
}

}  // namespace verdict
