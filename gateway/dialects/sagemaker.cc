#include "gateway/dialects/sagemaker.h"

#include <utility>

#include "gateway/dialects/cascade.h"
#include "gateway/dialects/probability.h"
#include "gateway/http/content_negotiation.h"
#include "gateway/http/json_string.h"

namespace verdict {
namespace {

ProblemOr<HttpResponse> WritePrediction(const ClassifyReply& reply) {
  const ClassifyReply::Result& result = reply.results.front();
  HttpResponse response{.status = 200, .content_type = "application/json"};
  response.body = R"({"prediction":{"label":)";
  AppendJsonString(response.body, result.labels.front().label);
  response.body += R"(,"probability":)";
  AppendProbability(response.body, result.labels.front().score);
  response.body += '}';
  if (!result.cascade_steps.empty()) {
    response.body += R"(,"cascade":)";
    AppendCascadeSteps(response.body, result.cascade_steps);
  }
  response.body += '}';
  return response;
}

Claim ClaimInvocation(const HttpRequest&, JsonBody& body) {
  const JsonOutline* outline = body.OutlineIfGood();
  return outline != nullptr && outline->Has("text") ? Claim::kStrong : Claim::kNo;
}

ProblemOr<Reading> ReadInvocation(const HttpRequest& request, JsonBody& body) {
  if (auto refusal = RefuseUnlessJson(request)) return *std::move(refusal);
  ProblemOr<std::string> text = body.TakeTextMember("text");
  if (auto* problem = std::get_if<Problem>(&text)) return std::move(*problem);
  Reading reading{.call = {}, .write = WritePrediction};
  reading.call.inputs.push_back({std::get<std::string>(std::move(text)), std::nullopt});
  reading.call.top_k = 1;
  return reading;
}

HttpResponse WriteProblem(const HttpRequest& request, const Problem& problem) { return ToResponse(problem, request.request_id); }

ProblemOr<QueryRoute::Question> AskHealth(const HttpRequest&) { return QueryRoute::Question(QueryRoute::Health()); }

HttpResponse WritePing(const HttpRequest& request, const QueryRoute::Answer& answer) {
  if (answer.status.ok()) return {};
  Problem problem{503, std::string(answer.status.message())};
  problem.headers.Add("Retry-After", "1");
  return ToResponse(problem, request.request_id);
}

}  // namespace

Dialect SageMakerDialect() {
  Dialect dialect;
  dialect.classify.push_back({"/invocations", R"({"text"})", ClaimInvocation, ReadInvocation, WriteProblem});
  dialect.queries.push_back({{"GET", "POST"}, "/ping", AskHealth, WritePing, WriteProblem});
  return dialect;
}

}  // namespace verdict
