#include "gateway/dialects/sagemaker.h"

#include <utility>

#include "gateway/dialects/json_text_member.h"
#include "gateway/dialects/probability.h"
#include "gateway/http/content_negotiation.h"
#include "gateway/http/json_string.h"

namespace verdict {
namespace {

constexpr std::string_view kCustomAttributes = "X-Amzn-SageMaker-Custom-Attributes";

void EchoCustomAttributes(const HttpRequest& request, HttpResponse& response) {
  if (const auto attributes = request.headers.Find(kCustomAttributes)) response.headers.Add(kCustomAttributes, *attributes);
}

}  // namespace

ProblemOr<ClassifyCall> ReadSageMakerInvocation(const HttpRequest& request) {
  if (auto refusal = RefuseUnlessJson(request)) return *std::move(refusal);
  ProblemOr<std::string> text = ReadTextMember(request.body, "text");
  if (auto* problem = std::get_if<Problem>(&text)) return std::move(*problem);
  ClassifyCall call;
  call.inputs.push_back({std::get<std::string>(std::move(text)), std::nullopt});
  call.top_k = 1;
  return call;
}

ProblemOr<HttpResponse> WriteSageMakerPrediction(const HttpRequest& request, const ClassifyReply& reply) {
  if (reply.results.empty() || reply.results.front().labels.empty()) {
    return Problem{500, "the classification service answered without a label"};
  }
  const ClassifyReply::Label& top = reply.results.front().labels.front();
  HttpResponse response{.status = 200, .content_type = "application/json"};
  response.body = R"({"prediction":{"label":)";
  AppendJsonString(response.body, top.label);
  response.body += R"(,"probability":)";
  AppendProbability(response.body, top.score);
  response.body += "}}";
  EchoCustomAttributes(request, response);
  return response;
}

HttpResponse WriteSageMakerProblem(const HttpRequest& request, const Problem& problem) {
  HttpResponse response = ToResponse(problem, request.request_id);
  EchoCustomAttributes(request, response);
  return response;
}

HttpResponse WriteSageMakerPing(const HttpRequest& request, const absl::Status& health) {
  if (health.ok()) return {};
  Problem problem{503, std::string(health.message())};
  problem.headers.Add("Retry-After", "1");
  return ToResponse(problem, request.request_id);
}

Dialect SageMakerDialect() {
  Dialect dialect;
  dialect.classify.push_back({"/invocations", ReadSageMakerInvocation, WriteSageMakerPrediction, WriteSageMakerProblem});
  dialect.health.push_back({{"GET", "POST"}, "/ping", WriteSageMakerPing});
  return dialect;
}

}  // namespace verdict
