#include "gateway/dialects/sagemaker.h"

#include <memory>
#include <utility>

#include "gateway/http/content_negotiation.h"

namespace verdict {
namespace {

constexpr char kInvocations[] = "/invocations";

ProblemOr<HttpResponse> WritePrediction(const ClassifyReply& reply) {
  HttpResponse response{.status = 200, .content_type = "application/json"};
  AppendPrediction(response.body, reply.results.front());
  return response;
}

ProblemOr<HttpResponse> WriteRecord(const RecordFormat& format, const ClassifyReply& reply) {
  HttpResponse response{.status = 200, .content_type = std::string(format.media_type)};
  RecordWriter writer(format);
  writer.Begin(response.body);
  writer.Result(response.body, reply.results.front());
  writer.End(response.body);
  return response;
}

Claim ClaimInvocation(const HttpRequest&, JsonBody& body) {
  const JsonOutline* outline = body.OutlineIfGood();
  return outline != nullptr && outline->Has("text") ? Claim::kStrong : Claim::kNo;
}

ProblemOr<Reading> ReadInvocation(const HttpRequest& request, JsonBody& body, const RecordSettings& settings) {
  if (auto refusal = RefuseUnlessJson(request)) return *std::move(refusal);
  ProblemOr<std::string> text = body.TakeTextMember("text");
  if (auto* problem = std::get_if<Problem>(&text)) return std::move(*problem);
  Reading reading{.call = {}, .write = WritePrediction};
  if (const RecordFormat format = DocumentFormat(request, settings); format.kind != RecordFormat::Kind::kJsonObject) {
    reading.write = [format](const ClassifyReply& reply) { return WriteRecord(format, reply); };
  }
  reading.call.inputs.push_back({std::get<std::string>(std::move(text)), std::nullopt});
  reading.call.top_k = 1;
  return reading;
}

HttpResponse WriteProblem(const HttpRequest& request, const Problem& problem) { return ToResponse(problem, request.request_id); }

HttpResponse WritePing(const HttpRequest& request, const QueryRoute::Answer& answer) {
  if (answer.status.ok()) return {};
  Problem problem{503, std::string(answer.status.message())};
  problem.headers.Add("Retry-After", "1");
  return ToResponse(problem, request.request_id);
}

RecordRoute InvocationsOfRecords(const std::shared_ptr<const SageMakerOptions>& options) {
  return {.path = kInvocations,
          .takes = [options](const HttpRequest& head) { return HasRecords(head, options->records); },
          .read = [options](const HttpRequest& head) { return ReadRecordHead(head, options->records); },
          .write_problem = WriteProblem};
}

}  // namespace

Dialect SageMakerDialect(SageMakerOptions options) {
  const auto shared = std::make_shared<const SageMakerOptions>(std::move(options));
  const auto read = [shared](const HttpRequest& request, JsonBody& body) {
    return ReadInvocation(request, body, shared->records);
  };
  const auto write_execution = [shared](const HttpRequest&, const QueryRoute::Answer&) {
    return HttpResponse{.status = 200, .content_type = "application/json", .body = ToJson(shared->execution)};
  };
  Dialect dialect;
  dialect.classify.push_back({kInvocations, R"({"text"})", ClaimInvocation, read, WriteProblem});
  dialect.queries.push_back({{"GET", "POST"}, "/ping", Ask<QueryRoute::Health>, WritePing, WriteProblem});
  dialect.queries.push_back({{"GET"}, "/execution-parameters", Ask<QueryRoute::Nothing>, write_execution, WriteProblem});
  dialect.records.push_back(InvocationsOfRecords(shared));
  return dialect;
}

}  // namespace verdict
