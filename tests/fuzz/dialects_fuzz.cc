// A request as every dialect reads it, and its answer to a made-up reply. The input: a byte of decisions, then "METHOD TARGET",
// lines "Name: value", an empty line, the body.
#include <string>
#include <vector>

#include "boost/json/parse.hpp"
#include "common/utf8.h"
#include "gateway/dialects/registry.h"
#include "gateway/dialects/text_inputs.h"
#include "gateway/http/ascii.h"
#include "gateway/http/path_pattern.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {
namespace {

struct KnownRoute {
  const ClassifyRoute* route;
  PathPattern pattern;
};

struct KnownQuery {
  const QueryRoute* route;
  PathPattern pattern;
};

struct KnownRecords {
  const RecordRoute* route;
  PathPattern pattern;
};

// All dialects with their patterns, made once.
struct Contracts {
  explicit Contracts(bool batch) {
    DialectOptions options;
    options.api_docs = false;
    options.sagemaker.records.batch = batch;
    dialects = MakeDialects(options).value();
    for (const Dialect& dialect : dialects) {
      for (const ClassifyRoute& route : dialect.classify) classify.push_back({&route, PathPattern(route.path)});
      for (const QueryRoute& route : dialect.queries) queries.push_back({&route, PathPattern(route.path)});
      for (const RecordRoute& route : dialect.records) records.push_back({&route, PathPattern(route.path)});
    }
  }
  std::vector<Dialect> dialects;
  std::vector<KnownRoute> classify;
  std::vector<KnownQuery> queries;
  std::vector<KnownRecords> records;
};

HttpRequest ReadRequest(FuzzInput& input) {
  HttpRequest request;
  const std::string_view line = input.Line();
  const size_t space = line.find(' ');
  request.method = line.substr(0, space);
  const std::string_view target = space == std::string_view::npos ? "/" : line.substr(space + 1);
  const size_t query = target.find('?');
  request.path = target.substr(0, query);
  if (query != std::string_view::npos) request.query = target.substr(query + 1);
  while (!input.Rest().empty()) {
    const std::string_view header = input.Line();
    if (header.empty()) break;
    const size_t colon = header.find(':');
    if (colon == std::string_view::npos || header.find_first_of(std::string_view("\r\0", 2)) != std::string_view::npos) continue;
    request.headers.Add(header.substr(0, colon), StripSpace(header.substr(colon + 1)));
  }
  request.body = input.Rest();
  request.request_id = "fuzz";
  return request;
}

void CheckResponse(const HttpResponse& response) {
  Expect(response.status >= 200 && response.status < 600, "an answer has a status");
  Expect(response.body.empty() || !response.content_type.empty(), "a body has a type");
  Expect(response.content_type.find_first_of("\r\n") == std::string::npos, "a media type is one line");
  response.headers.ForEach([](std::string_view, std::string_view value) {
    Expect(value.find_first_of("\r\n") == std::string_view::npos, "an answer's header is one line");
  });
}

// MLflow's answers to queries say they are JSON and are not, as those of its own server.
void CheckAnswer(const HttpResponse& response) {
  CheckResponse(response);
  const bool is_json = response.content_type == "application/json" || response.content_type == "application/problem+json";
  if (!is_json || response.body.empty()) return;
  boost::json::error_code error;
  boost::json::parse({response.body.data(), response.body.size()}, error);
  if (error) ExpectSame(response.body, "", "an answer in JSON is JSON");
}

ClassifyReply MakeReply(size_t inputs, uint8_t decisions) {
  ClassifyReply reply;
  reply.model = "demo";
  reply.model_version = "1";
  const int labels = 1 + decisions % 3;
  for (size_t i = 0; i < inputs; ++i) {
    ClassifyReply::Result result;
    result.tokens = 3;
    for (int label = 0; label < labels; ++label) {
      result.labels.push_back({"LABEL \"" + std::to_string(label) + "\"\n", 0.9F / static_cast<float>(1 + label), label});
    }
    if ((decisions & 0x10) != 0) result.cascade_steps.push_back({"first", "1", "yes", 0.25F, "answered"});
    reply.results.push_back(std::move(result));
  }
  return reply;
}

void CheckCall(const ClassifyCall& call) {
  Expect(call.inputs.size() <= kMaxTexts, "a call has no more texts than are taken");
  Expect(call.top_k >= 0, "top_k is no negative number");
  Expect(!FindInvalidUtf8(call.model) && !FindInvalidUtf8(call.model_version), "names are text");
  for (const ClassifyCall::Input& input : call.inputs) {
    Expect(!FindInvalidUtf8(input.text) && !FindInvalidUtf8(input.text_pair.value_or("")), "inputs are text");
  }
}

void Classify(const ClassifyRoute& route, const HttpRequest& request, uint8_t decisions) {
  JsonBody body(request.body);
  if (route.claims) (void)route.claims(request, body);
  ProblemOr<Reading> read = route.read(request, body);
  if (const auto* problem = std::get_if<Problem>(&read)) {
    Expect(problem->status >= 400, "a problem has a status of its own");
    return CheckAnswer(route.write_problem(request, *problem));
  }
  auto& reading = std::get<Reading>(read);
  CheckCall(reading.call);
  if (reading.if_serving) return CheckAnswer(route.write_problem(request, *reading.if_serving));
  ProblemOr<HttpResponse> written = reading.write(MakeReply(reading.call.inputs.size(), decisions));
  if (const auto* problem = std::get_if<Problem>(&written)) return CheckAnswer(route.write_problem(request, *problem));
  CheckAnswer(std::get<HttpResponse>(written));
}

void Ask(const QueryRoute& route, const HttpRequest& request, uint8_t decisions) {
  const auto question = route.ask(request);
  if (const auto* problem = std::get_if<Problem>(&question)) return CheckResponse(route.write_problem(request, *problem));
  QueryRoute::Answer answer;
  if ((decisions & 0x20) != 0) answer.status = absl::NotFoundError("no model \"x\"");
  const auto* query = std::get_if<ModelsQuery>(&std::get<QueryRoute::Question>(question));
  if (query != nullptr && query->kind != ModelsQuery::Kind::kUnload && answer.status.ok()) {
    answer.models.push_back({.name = "demo", .version = "1", .labels = {"a", "b"}, .max_tokens = 512});
  }
  CheckResponse(route.write(request, answer));
}

void ReadRecords(const RecordRoute& route, const HttpRequest& request) {
  HttpRequest head = request;
  head.body.clear();
  if (!route.takes(head)) return;
  ProblemOr<RecordReading> reading = route.read(head);
  if (const auto* problem = std::get_if<Problem>(&reading)) return CheckAnswer(route.write_problem(head, *problem));
  std::vector<Record> records;
  RecordReader& reader = *std::get<RecordReading>(reading).reader;
  reader.Read(request.body, records);
  reader.Finish(records);
}

}  // namespace

void Fuzz(std::string_view bytes) {
  static const Contracts kOnline(false), kBatch(true);
  FuzzInput input(bytes);
  const uint8_t decisions = input.Byte();
  const Contracts& contracts = (decisions & 0x40) != 0 ? kBatch : kOnline;
  HttpRequest request = ReadRequest(input);
  const auto matches = [&request](const PathPattern& pattern) {
    auto parameters = pattern.Match(request.path);
    if (parameters) request.path_parameters = *std::move(parameters);
    return parameters.has_value();
  };
  for (const KnownRoute& known : contracts.classify) {
    if (matches(known.pattern)) Classify(*known.route, request, decisions);
  }
  for (const KnownQuery& known : contracts.queries) {
    if (matches(known.pattern)) Ask(*known.route, request, decisions);
  }
  for (const KnownRecords& known : contracts.records) {
    if (matches(known.pattern)) ReadRecords(*known.route, request);
  }
}

}  // namespace verdict
