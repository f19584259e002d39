#include "gateway/dialects/torchserve.h"

#include <utility>

#include "absl/container/flat_hash_set.h"
#include "absl/strings/string_view.h"
#include "gateway/dialects/error_bodies.h"
#include "gateway/dialects/torchserve_request.h"
#include "gateway/http/json_string.h"
#include "gateway/json/score.h"

namespace verdict {
namespace {

// An object has each name once: of labels that are called the same, the best counts.
void AppendScoresByLabel(std::string& out, const std::vector<ClassifyReply::Label>& labels) {
  absl::flat_hash_set<absl::string_view> written;
  out += '{';
  for (const ClassifyReply::Label& label : labels) {
    if (!written.insert(label.label).second) continue;
    if (out.back() != '{') out += ',';
    AppendJsonString(out, label.label);
    out += ':';
    AppendScore(out, label.score);
  }
  out += '}';
}

HttpResponse WritePredictions(bool envelope, const ClassifyReply& reply) {
  HttpResponse response{.status = 200, .content_type = "application/json"};
  std::string& body = response.body;
  if (envelope) body += R"({"predictions":[)";
  for (size_t i = 0; i < reply.results.size(); ++i) {
    if (i > 0) body += ',';
    AppendScoresByLabel(body, reply.results[i].labels);
  }
  if (envelope) body += "]}";
  return response;
}

ProblemOr<Reading> ReadPrediction(const HttpRequest& request, JsonBody& body, int top_k) {
  ProblemOr<TorchServeRequest> read = ReadTorchServeRequest(request, body);
  if (auto* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  TorchServeRequest& asked = std::get<TorchServeRequest>(read);
  Reading reading;
  reading.call.inputs = std::move(asked.inputs);
  reading.call.top_k = top_k;
  reading.write = [envelope = asked.envelope](const ClassifyReply& reply) -> ProblemOr<HttpResponse> {
    return WritePredictions(envelope, reply);
  };
  return reading;
}

HttpResponse WriteProblem(const HttpRequest& request, const Problem& problem) {
  if (problem.status == 429) return WriteModelServerError({503, problem.detail, problem.headers});
  const bool version = problem.status == 404 && !request.PathParameter("version").empty();
  return WriteModelServerError(problem, version ? "ModelVersionNotFoundException" : "");
}

HttpResponse WritePing(const HttpRequest&, const QueryRoute::Answer& answer) {
  const bool healthy = answer.status.ok();
  return {.status = healthy ? 200 : 500,
          .content_type = "application/json",
          .body = healthy ? R"({"status":"Healthy"})" : R"({"status":"Unhealthy"})"};
}

}  // namespace

Dialect TorchServeDialect(const TorchServeOptions& options) {
  const auto read = [top_k = options.top_k](const HttpRequest& request, JsonBody& body) {
    return ReadPrediction(request, body, top_k);
  };
  Dialect dialect;
  for (const char* path : {"/predictions/{model}", "/predictions/{model}/{version}"}) {
    dialect.classify.push_back({path, "a text, a form or JSON", {}, read, WriteProblem, {"POST", "PUT"}});
  }
  dialect.queries.push_back({{"GET"}, "/ping", Ask<QueryRoute::Health>, WritePing, WriteProblem});
  return dialect;
}

}  // namespace verdict
