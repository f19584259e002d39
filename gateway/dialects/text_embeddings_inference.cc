#include "gateway/dialects/text_embeddings_inference.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "gateway/dialects/tei_info.h"
#include "gateway/dialects/tei_problem.h"
#include "gateway/dialects/tei_request.h"
#include "gateway/http/content_negotiation.h"
#include "gateway/http/json_string.h"
#include "gateway/http/rpc_status.h"
#include "gateway/json/score.h"

namespace verdict {
namespace {

using Options = TextEmbeddingsInferenceOptions;

bool HasOwnMember(const JsonOutline& outline) {
  return outline.Has("truncate") || outline.Has("raw_scores") || outline.Has("truncation_direction");
}

// `alone`: how sure `inputs` makes the route where there is no member of its own beside it.
template <Claim alone>
Claim ClaimInputs(const HttpRequest&, JsonBody& body) {
  const JsonOutline* outline = body.OutlineIfGood();
  if (outline == nullptr || !outline->Has("inputs")) return Claim::kNo;
  return HasOwnMember(*outline) ? Claim::kStrong : alone;
}

void AppendPredictions(std::string& out, const std::vector<ClassifyReply::Label>& labels) {
  out += '[';
  for (const ClassifyReply::Label& label : labels) {
    if (out.back() != '[') out += ',';
    out += R"({"score":)";
    AppendScore(out, label.score);
    out += R"(,"label":)";
    AppendJsonString(out, label.label);
    out += '}';
  }
  out += ']';
}

void AddMilliseconds(HttpHeaders& headers, std::string_view name, absl::Duration time) {
  headers.Add(name, absl::StrCat(absl::ToInt64Milliseconds(time)));
}

// Of a batch, that server reports the mean over its texts. Waiting and computing happen to all of them at once here; tokenising
// is shared out.
void AddTimes(HttpHeaders& headers, const ClassifyReply& reply, size_t characters) {
  int64_t tokens = 0;
  for (const ClassifyReply::Result& result : reply.results) tokens += result.tokens;
  headers.Add("x-compute-type", "cpu");
  AddMilliseconds(headers, "x-compute-time", reply.total);
  headers.Add("x-compute-characters", absl::StrCat(characters));
  headers.Add("x-compute-tokens", absl::StrCat(tokens));
  AddMilliseconds(headers, "x-total-time", reply.total);
  AddMilliseconds(headers, "x-tokenization-time",
                  reply.tokenize / std::max<int64_t>(1, static_cast<int64_t>(reply.results.size())));
  AddMilliseconds(headers, "x-queue-time", reply.queue);
  AddMilliseconds(headers, "x-inference-time", reply.compute);
}

HttpResponse WritePredictions(const ClassifyReply& reply, bool batch, size_t characters) {
  HttpResponse response{.status = 200, .content_type = "application/json"};
  if (batch) response.body += '[';
  for (const ClassifyReply::Result& result : reply.results) {
    if (response.body.size() > 1) response.body += ',';
    AppendPredictions(response.body, result.labels);
  }
  if (batch) response.body += ']';
  AddTimes(response.headers, reply, characters);
  return response;
}

ProblemOr<Reading> ReadPrediction(const HttpRequest& request, JsonBody& body, int max_batch) {
  if (auto refusal = RefuseUnlessJson(request)) return *std::move(refusal);
  ProblemOr<TeiRequest> read = ReadTeiRequest(body, max_batch);
  if (auto* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  TeiRequest& asked = std::get<TeiRequest>(read);
  Reading reading{.call = std::move(asked.call), .write = {}};
  reading.write = [batch = asked.batch, characters = asked.characters](const ClassifyReply& reply) -> ProblemOr<HttpResponse> {
    return WritePredictions(reply, batch, characters);
  };
  return reading;
}

HttpResponse WriteHealth(const HttpRequest& request, const QueryRoute::Answer& answer) {
  return answer.status.ok() ? HttpResponse() : WriteTeiProblem(request, {503, std::string(answer.status.message())});
}

ProblemOr<QueryRoute::Question> AskDefaultModel(const HttpRequest&) {
  return QueryRoute::Question(ModelsQuery{.kind = ModelsQuery::Kind::kGet});
}

QueryRoute InfoRoute(const Options& options) {
  const auto write = [options](const HttpRequest& request, const QueryRoute::Answer& answer) {
    if (!answer.status.ok()) return WriteTeiProblem(request, ProblemFromStatus(answer.status));
    if (answer.models.empty()) return WriteTeiProblem(request, {500, "the classification service described no model"});
    return HttpResponse{.status = 200, .content_type = "application/json", .body = WriteTeiInfo(answer.models.front(), options)};
  };
  return {{"GET"}, "/info", AskDefaultModel, write, WriteTeiProblem};
}

}  // namespace

Dialect TextEmbeddingsInferenceDialect(const Options& options) {
  const auto read = [max_batch = options.max_client_batch_size](const HttpRequest& request, JsonBody& body) {
    return ReadPrediction(request, body, max_batch);
  };
  constexpr char kBare[] = R"({"inputs"})";
  constexpr char kBeside[] = R"({"inputs","truncate"|"truncation_direction"|"raw_scores"})";
  Dialect dialect;
  dialect.classify.push_back({"/predict", kBare, ClaimInputs<Claim::kStrong>, read, WriteTeiProblem});
  dialect.classify.push_back({"/", kBeside, ClaimInputs<Claim::kWeak>, read, WriteTeiProblem});
  dialect.classify.push_back({"/invocations", kBeside, ClaimInputs<Claim::kNo>, read, WriteTeiProblem});
  dialect.queries.push_back(InfoRoute(options));
  for (const char* path : {"/health", "/ping", "/"}) {
    dialect.queries.push_back({{"GET"}, path, Ask<QueryRoute::Health>, WriteHealth, WriteTeiProblem});
  }
  return dialect;
}

}  // namespace verdict
