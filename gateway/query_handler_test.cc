#include "gateway/query_handler.h"

#include <optional>

#include "absl/time/clock.h"
#include "gateway/testing/fake_classifier_client.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

class QueryHandlerTest : public ::testing::Test {
 protected:
  HttpResponse Ask(QueryRoute::Question question) {
    QueryRoute route;
    route.ask = [question](const HttpRequest& request) -> ProblemOr<QueryRoute::Question> {
      if (request.body == "bad") return Problem{400, "bad"};
      return question;
    };
    route.write = [](const HttpRequest&, const QueryRoute::Answer& answer) {
      HttpResponse response{.status = answer.status.ok() ? 200 : 503, .body = std::string(answer.status.message())};
      for (const ModelDescription& model : answer.models) response.body += model.name;
      return response;
    };
    route.write_problem = [](const HttpRequest& request, const Problem& problem) {
      return ToResponse(problem, request.request_id);
    };
    std::optional<HttpResponse> answer;
    MakeQueryHandler(route, {client_, [this] { return process_; }})(request_, [&](HttpResponse r) { answer = std::move(r); });
    EXPECT_TRUE(answer);
    return answer.value_or(HttpResponse{.status = 0});
  }

  FakeClassifierClient client_;
  absl::Status process_;
  HttpRequest request_;
};

TEST_F(QueryHandlerTest, NothingIsAnsweredWithoutTheService) {
  process_ = absl::UnavailableError("gone");
  EXPECT_EQ(Ask(QueryRoute::Nothing()).status, 200);
}

TEST_F(QueryHandlerTest, HealthIsThatOfTheProcessThenOfTheService) {
  EXPECT_EQ(Ask(QueryRoute::Health()).status, 200);
  client_.SetHealth(absl::UnavailableError("loading"));
  EXPECT_EQ(Ask(QueryRoute::Health()).body, "loading");
  process_ = absl::UnavailableError("restarting");
  EXPECT_EQ(Ask(QueryRoute::Health()).body, "restarting");
}

TEST_F(QueryHandlerTest, ModelsComeFromTheService) {
  ModelDescription model;
  model.name = "tickets";
  client_.ReplyWithModels(std::vector<ModelDescription>{model});
  request_.request_id = "id-1";
  request_.headers.Add("X-Amzn-SageMaker-Inference-Id", "inference-1");
  request_.headers.Add("traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_EQ(Ask(ModelsQuery{.kind = ModelsQuery::Kind::kGet, .name = "tickets"}).body, "tickets");
  EXPECT_EQ(client_.last_query().name, "tickets");
  EXPECT_EQ(client_.last_query_options().request_id, "id-1");
  EXPECT_EQ(client_.last_query_options().inference_id, "inference-1");
  EXPECT_EQ(client_.last_query_options().trace_parent, "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01");
  EXPECT_LT(client_.last_query_options().deadline, absl::Now() + absl::Minutes(2));
  client_.ReplyWithModels(absl::NotFoundError("none"));
  EXPECT_EQ(Ask(ModelsQuery()).body, "none");
}

TEST_F(QueryHandlerTest, LoadingMayTakeLonger) {
  Ask(ModelsQuery{.kind = ModelsQuery::Kind::kLoad});
  EXPECT_GT(client_.last_query_options().deadline, absl::Now() + absl::Minutes(5));
}

TEST_F(QueryHandlerTest, WhatIsRefusedIsNotAsked) {
  request_.body = "bad";
  EXPECT_EQ(Ask(ModelsQuery()).status, 400);
  EXPECT_EQ(client_.queries(), 0u);
}

}  // namespace
}  // namespace verdict
