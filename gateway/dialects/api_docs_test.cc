#include "gateway/dialects/api_docs.h"

#include "gateway/dialects/testing/dialect_fixture.h"
#include "gateway/openapi/embedded_file.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

class ApiDocsTest : public ::testing::Test {
 protected:
  HttpResponse Get(std::string_view path, std::string file = {}) {
    HttpRequest request = MakeRequest("");
    request.headers.Add("Accept-Encoding", "gzip");
    if (!file.empty()) request.path_parameters.emplace_back("file", std::move(file));
    const QueryRoute& route = QueryAt(dialect_, path);
    const ProblemOr<QueryRoute::Question> question = route.ask(request);
    if (const auto* problem = std::get_if<Problem>(&question)) return route.write_problem(request, *problem);
    EXPECT_TRUE(std::holds_alternative<QueryRoute::Nothing>(std::get<QueryRoute::Question>(question)));
    return route.write(request, {});
  }

  int made_ = 0;
  const Dialect dialect_ = ApiDocsDialect([this]() -> absl::StatusOr<std::string> {
    ++made_;
    return R"({"openapi":"3.1.0"})";
  });
};

TEST_F(ApiDocsTest, ServesTheDocument) {
  const HttpResponse response = Get("/openapi.json");
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.content_type, "application/json");
  EXPECT_EQ(response.body, R"({"openapi":"3.1.0"})");
}

TEST_F(ApiDocsTest, TheDocumentIsMadeOnceAndOnlyWhenSomebodyAsks) {
  EXPECT_EQ(Get("/docs").status, 200);
  EXPECT_EQ(made_, 0);
  EXPECT_EQ(Get("/openapi.json").status, 200);
  EXPECT_EQ(Get("/openapi.json").status, 200);
  EXPECT_EQ(made_, 1);
}

TEST(ApiDocsFailureTest, ADocumentThatCannotBeMadeIsOurFault) {
  const Dialect dialect = ApiDocsDialect([] { return absl::InternalError("two define it"); });
  const HttpResponse response = QueryAt(dialect, "/openapi.json").write(MakeRequest(""), {});
  EXPECT_EQ(response.status, 500);
  EXPECT_THAT(response.body, Not(HasSubstr("two define it")));
}

TEST_F(ApiDocsTest, ThePagesLoadNothingFromElsewhere) {
  for (const char* path : {"/docs", "/redoc"}) {
    const HttpResponse page = Get(path);
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.content_type, StartsWith("text/html"));
    EXPECT_THAT(page.body, HasSubstr("openapi.json"));
    EXPECT_THAT(page.body, Not(HasSubstr("://"))) << path;
    EXPECT_THAT(std::string(page.headers.Find("Content-Security-Policy").value_or("")),
                HasSubstr("default-src 'none'; script-src 'self';"));
  }
}

// Every src="docs/…" and href="docs/…" of the pages.
TEST_F(ApiDocsTest, WhatThePagesLoadIsThere) {
  int loaded = 0;
  for (const char* page : {"/docs", "/redoc"}) {
    const std::string html = Get(page).body;
    constexpr std::string_view kFolder = "=\"docs/";
    for (size_t at = html.find(kFolder); at != std::string::npos; at = html.find(kFolder, at + 1)) {
      const size_t begin = at + kFolder.size();
      const std::string file = html.substr(begin, html.find('"', begin) - begin);
      const HttpResponse asset = Get("/docs/{file}", file);
      EXPECT_EQ(asset.status, 200) << file;
      EXPECT_EQ(asset.content_type, file.ends_with(".css") ? "text/css; charset=utf-8" : "text/javascript; charset=utf-8");
      EXPECT_EQ(asset.headers.Find("Content-Encoding").has_value(), asset.body.starts_with("\x1f\x8b")) << file;
      EXPECT_GT(asset.body.size(), 100u) << file;
      ++loaded;
    }
  }
  EXPECT_EQ(loaded, 4);
}

TEST_F(ApiDocsTest, OtherFilesAreNotFound) {
  for (const char* file : {"other.js", "docs.html", "openapi/base.json", "../docs", "swagger-ui.css.gz"}) {
    const HttpResponse response = Get("/docs/{file}", file);
    EXPECT_EQ(response.status, 404) << file;
    EXPECT_EQ(response.content_type, "application/problem+json");
  }
}

TEST(EmbeddedFileTest, IsFoundByItsWholeName) {
  EXPECT_THAT(std::string(EmbeddedFile("docs.html")), StartsWith("<!DOCTYPE html>"));
  EXPECT_EQ(EmbeddedFile("docs.html").back(), '\n');
  EXPECT_TRUE(EmbeddedFile("docs").empty());
  EXPECT_TRUE(EmbeddedFile("").empty());
}

}  // namespace
}  // namespace verdict
