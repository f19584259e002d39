#include "gateway/dialects/multi_model.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/utf8.h"
#include "gateway/dialects/error_bodies.h"
#include "gateway/http/content_negotiation.h"
#include "gateway/http/json_string.h"
#include "gateway/http/query_string.h"
#include "gateway/http/rpc_status.h"

namespace verdict {
namespace {

constexpr size_t kMaxPage = 100;

HttpResponse WriteProblem(const HttpRequest&, const Problem& problem) {
  return WriteModelServerError(problem, problem.status == 415 ? "UnsupportedMediaTypeException" : "");
}

// What the platform understands of a failed order: 409 means that the model is there, 507 that another must go first.
Problem ToProblem(const absl::Status& status) {
  const std::string message(status.message());
  switch (status.code()) {
    case absl::StatusCode::kAlreadyExists:
      return {409, message};
    case absl::StatusCode::kResourceExhausted:
      return {507, message};
    case absl::StatusCode::kPermissionDenied:
      return {403, message};
    default:
      return ProblemFromStatus(status);
  }
}

void AppendModel(std::string& out, const ModelDescription& model) {
  out += R"({"modelName":)";
  AppendJsonString(out, model.name);
  out += R"(,"modelUrl":)";
  AppendJsonString(out, model.path);
  out += '}';
}

ProblemOr<QueryRoute::Question> ReadLoad(const HttpRequest& request) {
  if (auto refusal = RefuseUnlessJson(request)) return *std::move(refusal);
  JsonBody body(request.body);
  ModelsQuery query{.kind = ModelsQuery::Kind::kLoad};
  for (const auto& [member, value] : {std::pair("model_name", &query.name), std::pair("url", &query.path)}) {
    ProblemOr<std::string> text = body.TakeTextMember(member);
    if (auto* problem = std::get_if<Problem>(&text)) return std::move(*problem);
    *value = std::get<std::string>(std::move(text));
  }
  return QueryRoute::Question(std::move(query));
}

HttpResponse WriteLoad(const HttpRequest& request, const QueryRoute::Answer& answer) {
  if (!answer.status.ok()) return WriteProblem(request, ToProblem(answer.status));
  return JsonResponse(R"({"status":"Model loaded"})");
}

// A page of the list: from where, and how many.
struct Page {
  size_t first = 0;
  size_t limit = kMaxPage;
};

ProblemOr<size_t> ReadNumber(const HttpRequest& request, std::string_view name, size_t fallback) {
  const auto text = QueryParameter(request.query, name);
  if (!text || text->empty()) return fallback;
  size_t number = 0;
  const auto result = std::from_chars(text->data(), text->data() + text->size(), number);
  if (result.ec == std::errc() && result.ptr == text->data() + text->size()) return number;
  return Problem{400, absl::StrCat(std::string(name), " must be a number, not \"", Shortened(*text), "\"")};
}

ProblemOr<Page> ReadPage(const HttpRequest& request) {
  const ProblemOr<size_t> first = ReadNumber(request, "next_page_token", 0);
  if (const auto* problem = std::get_if<Problem>(&first)) return *problem;
  const ProblemOr<size_t> limit = ReadNumber(request, "limit", kMaxPage);
  if (const auto* problem = std::get_if<Problem>(&limit)) return *problem;
  if (std::get<size_t>(limit) == 0) return Problem{400, "limit must be at least 1"};
  return Page{std::get<size_t>(first), std::min(std::get<size_t>(limit), kMaxPage)};
}

ProblemOr<QueryRoute::Question> AskList(const HttpRequest& request) {
  const ProblemOr<Page> page = ReadPage(request);
  if (const auto* problem = std::get_if<Problem>(&page)) return *problem;
  return QueryRoute::Question(ModelsQuery());
}

HttpResponse WriteList(const HttpRequest& request, const QueryRoute::Answer& answer) {
  if (!answer.status.ok()) return WriteProblem(request, ToProblem(answer.status));
  const Page page = std::get<Page>(ReadPage(request));
  std::vector<const ModelDescription*> loaded;  // what has a place in the file system; a cascade has none
  for (const ModelDescription& model : answer.models) {
    if (!model.path.empty()) loaded.push_back(&model);
  }
  const size_t begin = std::min(page.first, loaded.size());
  const size_t end = begin + std::min(page.limit, loaded.size() - begin);
  std::string body = R"({"models":[)";
  for (size_t i = begin; i < end; ++i) {
    if (i > begin) body += ',';
    AppendModel(body, *loaded[i]);
  }
  body += ']';
  if (end < loaded.size()) absl::StrAppend(&body, ",\"nextPageToken\":\"", end, "\"");
  body += '}';
  return JsonResponse(std::move(body));
}

ModelsQuery::Kind KindOf(const HttpRequest& request) {
  return request.method == "DELETE" ? ModelsQuery::Kind::kUnload : ModelsQuery::Kind::kGet;
}

ProblemOr<QueryRoute::Question> AskModel(const HttpRequest& request) {
  return QueryRoute::Question(ModelsQuery{.kind = KindOf(request), .name = std::string(request.PathParameter("model"))});
}

HttpResponse WriteModel(const HttpRequest& request, const QueryRoute::Answer& answer) {
  if (!answer.status.ok()) return WriteProblem(request, ToProblem(answer.status));
  if (answer.models.empty()) return JsonResponse(R"({"status":"Model unloaded"})");
  std::string body;
  AppendModel(body, answer.models.front());
  return JsonResponse(std::move(body));
}

}  // namespace

Dialect MultiModelDialect() {
  Dialect dialect;
  dialect.queries.push_back({{"POST"}, "/models", ReadLoad, WriteLoad, WriteProblem, /*needs_body=*/true});
  dialect.queries.push_back({{"GET"}, "/models", AskList, WriteList, WriteProblem});
  dialect.queries.push_back({{"GET", "DELETE"}, "/models/{model}", AskModel, WriteModel, WriteProblem});
  return dialect;
}

}  // namespace verdict
