#include "gateway/dialects/multi_model.h"

#include "gateway/dialects/testing/dialect_fixture.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

class MultiModelTest : public ::testing::Test {
 protected:
  const Dialect dialect_ = MultiModelDialect();
  const QueryRoute& load_ = dialect_.queries[0];
  const QueryRoute& list_ = dialect_.queries[1];
  const QueryRoute& model_ = dialect_.queries[2];

  static ModelDescription Model(std::string name) {
    ModelDescription model;
    model.path = "/opt/ml/models/" + name + "/model";
    model.name = std::move(name);
    return model;
  }
  static ModelsQuery Asked(const QueryRoute& route, const HttpRequest& request) {
    const auto question = route.ask(request);
    if (const auto* problem = std::get_if<Problem>(&question)) {
      ADD_FAILURE() << problem->detail;
      return {};
    }
    return std::get<ModelsQuery>(std::get<QueryRoute::Question>(question));
  }
  static Problem Refused(const QueryRoute& route, const HttpRequest& request) {
    const auto question = route.ask(request);
    const auto* problem = std::get_if<Problem>(&question);
    return problem ? *problem : Problem{0, "asked"};
  }
  HttpResponse List(const std::string& query, int models) {
    HttpRequest request = MakeRequest("");
    request.query = query;
    QueryRoute::Answer answer;
    for (int i = 0; i < models; ++i) answer.models.push_back(Model("m" + std::to_string(i)));
    return list_.write(request, answer);
  }
};

TEST_F(MultiModelTest, LoadsByNameAndUrl) {
  const ModelsQuery query = Asked(load_, MakeRequest(R"({"model_name":"abc","url":"/opt/ml/models/abc/model"})"));
  EXPECT_EQ(query.kind, ModelsQuery::Kind::kLoad);
  EXPECT_EQ(query.name, "abc");
  EXPECT_EQ(query.path, "/opt/ml/models/abc/model");
  EXPECT_TRUE(load_.needs_body);
  EXPECT_EQ(load_.write(MakeRequest(""), {absl::OkStatus(), {Model("abc")}}).status, 200);
}

TEST_F(MultiModelTest, ALoadThatCannotBeReadIsRefused) {
  for (const char* bad : {"", "{", "[]", R"({"url":"/x"})", R"({"model_name":"a"})", R"({"model_name":1,"url":"/x"})"}) {
    EXPECT_EQ(Refused(load_, MakeRequest(bad)).status, 400) << bad;
  }
  EXPECT_EQ(Refused(load_, MakeRequest("a,b", "text/csv")).status, 415);
}

TEST_F(MultiModelTest, FailuresHaveTheStatusThatThePlatformActsOn) {
  const std::pair<absl::Status, int> rows[] = {
      {absl::AlreadyExistsError("there"), 409},     {absl::ResourceExhaustedError("full"), 507},
      {absl::NotFoundError("no directory"), 404},   {absl::InvalidArgumentError("broken"), 400},
      {absl::PermissionDeniedError("closed"), 403}, {absl::UnavailableError("away"), 503},
      {absl::InternalError("secret"), 500}};
  for (const auto& [status, code] : rows) {
    const HttpResponse response = load_.write(MakeRequest(""), {status, {}});
    EXPECT_EQ(response.status, code);
    EXPECT_THAT(response.body, HasSubstr("{\"code\":" + std::to_string(code) + ",\"type\":\""));
  }
  EXPECT_EQ(load_.write(MakeRequest(""), {absl::ResourceExhaustedError("full"), {}}).body,
            R"({"code":507,"type":"InsufficientMemoryException","message":"full"})");
  EXPECT_EQ(load_.write(MakeRequest(""), {absl::InternalError("secret"), {}}).body.find("secret"), std::string::npos);
}

TEST_F(MultiModelTest, AnEmptyListIsAList) { EXPECT_EQ(List("", 0).body, R"({"models":[]})"); }

TEST_F(MultiModelTest, ListsInPages) {
  EXPECT_EQ(List("limit=1", 2).body,
            R"({"models":[{"modelName":"m0","modelUrl":"/opt/ml/models/m0/model"}],"nextPageToken":"1"})");
  EXPECT_EQ(List("next_page_token=1&limit=1", 2).body, R"({"models":[{"modelName":"m1","modelUrl":"/opt/ml/models/m1/model"}]})");
  EXPECT_EQ(List("next_page_token=9", 2).body, R"({"models":[]})");
  EXPECT_THAT(List("", 101).body, HasSubstr(R"("nextPageToken":"100")"));
  EXPECT_THAT(List("limit=1000", 101).body, HasSubstr(R"("nextPageToken":"100")"));
}

TEST_F(MultiModelTest, PagesThatAreNoneAreRefused) {
  for (const char* bad : {"limit=0", "limit=x", "limit=-1", "next_page_token=abc", "next_page_token=99999999999999999999999"}) {
    HttpRequest request = MakeRequest("");
    request.query = bad;
    EXPECT_EQ(Refused(list_, request).status, 400) << bad;
  }
}

TEST_F(MultiModelTest, ACascadeIsNotListed) {
  ModelDescription cascade;
  cascade.name = "router";
  EXPECT_EQ(list_.write(MakeRequest(""), {absl::OkStatus(), {cascade}}).body, R"({"models":[]})");
}

TEST_F(MultiModelTest, DescribesAndUnloadsOneModel) {
  HttpRequest request = MakeRequest("");
  request.path_parameters = {{"model", "abc"}};
  request.method = "GET";
  EXPECT_EQ(Asked(model_, request).kind, ModelsQuery::Kind::kGet);
  EXPECT_EQ(Asked(model_, request).name, "abc");
  EXPECT_EQ(model_.write(request, {absl::OkStatus(), {Model("abc")}}).body,
            R"({"modelName":"abc","modelUrl":"/opt/ml/models/abc/model"})");
  EXPECT_EQ(model_.write(request, {absl::NotFoundError("no model"), {}}).status, 404);
  request.method = "DELETE";
  EXPECT_EQ(Asked(model_, request).kind, ModelsQuery::Kind::kUnload);
  EXPECT_EQ(model_.write(request, {absl::OkStatus(), {}}).status, 200);
}

}  // namespace
}  // namespace verdict
