#include "gateway/dialects/api_docs.h"

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "common/utf8.h"
#include "gateway/openapi/embedded_file.h"
#include "gateway/openapi/static_page.h"

namespace verdict {
namespace {

constexpr char kHtml[] = "text/html; charset=utf-8";

// Both pages draw with styles that their scripts write; nothing else is allowed beyond what we serve.
constexpr char kPolicy[] =
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; connect-src 'self'; "
    "worker-src blob:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

// What the pages load, by its name in the path.
using Assets = std::map<std::string, StaticPage, std::less<>>;

std::shared_ptr<const Assets> MakeAssets() {
  constexpr char kScript[] = "text/javascript; charset=utf-8";
  constexpr char kStyle[] = "text/css; charset=utf-8";
  constexpr char kCache[] = "public, max-age=86400";
  auto assets = std::make_shared<Assets>();
  assets->try_emplace("start.js", StaticPage::Parts{kScript, EmbeddedFile("start.js"), false, kCache});
  for (const char* name : {"swagger-ui-bundle.js", "swagger-ui.css", "redoc.standalone.js"}) {
    const char* const type = std::string_view(name).ends_with(".css") ? kStyle : kScript;
    assets->try_emplace(name, StaticPage::Parts{type, EmbeddedFile(absl::StrCat(name, ".gz")), true, kCache});
  }
  return assets;
}

// The document, and the page that is made of it when somebody asks: few do, and every start would wait for it. Thread-safe.
class Document {
 public:
  explicit Document(std::function<absl::StatusOr<std::string>()> make) : make_(std::move(make)) {}

  HttpResponse Serve(const HttpRequest& request);

 private:
  void Make();

  const std::function<absl::StatusOr<std::string>()> make_;
  std::once_flag made_;
  absl::StatusOr<std::string> text_ = absl::UnknownError("");
  std::optional<StaticPage> page_;
};

HttpResponse Serve(const StaticPage& page, const HttpRequest& request) {
  ProblemOr<HttpResponse> served = page.Serve(request);
  if (const auto* problem = std::get_if<Problem>(&served)) return ToResponse(*problem, request.request_id);
  return std::get<HttpResponse>(std::move(served));
}

void Document::Make() {
  text_ = make_();
  if (text_.ok()) page_.emplace(StaticPage::Parts{"application/json", *text_});
  if (!text_.ok()) LogError("the OpenAPI document cannot be made", {{"error", std::string(text_.status().message())}});
}

HttpResponse Document::Serve(const HttpRequest& request) {
  std::call_once(made_, [this] { Make(); });
  if (!page_) return ToResponse(Problem{500, "the OpenAPI document cannot be made"}, request.request_id);
  return ::verdict::Serve(*page_, request);
}

HttpResponse WriteProblem(const HttpRequest& request, const Problem& problem) { return ToResponse(problem, request.request_id); }

QueryRoute GetRoute(std::string path, std::function<HttpResponse(const HttpRequest&)> serve) {
  return {{"GET"},
          std::move(path),
          Ask<QueryRoute::Nothing>,
          [serve = std::move(serve)](const HttpRequest& request, const QueryRoute::Answer&) { return serve(request); },
          WriteProblem};
}

QueryRoute AssetsRoute() {
  const auto assets = MakeAssets();
  return {{"GET"},
          "/docs/{file}",
          [assets](const HttpRequest& request) -> ProblemOr<QueryRoute::Question> {
            if (assets->contains(request.PathParameter("file"))) return QueryRoute::Question(QueryRoute::Nothing());
            return Problem{404, absl::StrCat("there is nothing at ", Shortened(request.path))};
          },
          [assets](const HttpRequest& request, const QueryRoute::Answer&) {
            return Serve(assets->find(request.PathParameter("file"))->second, request);
          },
          WriteProblem};
}

}  // namespace

Dialect ApiDocsDialect(std::function<absl::StatusOr<std::string>()> make_document) {
  Dialect dialect;
  const auto document = std::make_shared<Document>(std::move(make_document));
  dialect.queries.push_back(
      GetRoute("/openapi.json", [document](const HttpRequest& request) { return document->Serve(request); }));
  for (const std::string name : {"docs", "redoc"}) {
    const StaticPage::Parts parts{kHtml, EmbeddedFile(name + ".html"), false, "no-cache", kPolicy};
    const auto page = std::make_shared<const StaticPage>(parts);
    dialect.queries.push_back(GetRoute("/" + name, [page](const HttpRequest& request) { return Serve(*page, request); }));
  }
  dialect.queries.push_back(AssetsRoute());
  return dialect;
}

}  // namespace verdict
