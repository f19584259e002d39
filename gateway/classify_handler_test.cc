#include "gateway/classify_handler.h"

#include <optional>

#include "absl/time/clock.h"
#include "gateway/testing/fake_classifier_client.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Optional;

// A dialect of its own: the body is the text, the answer is the label.
ClassifyRoute PlainRoute() {
  ClassifyRoute route;
  route.path = "/plain";
  route.dialect = "plain";
  route.read = [](const HttpRequest& request, JsonBody&) -> ProblemOr<Reading> {
    if (request.body.empty()) return Problem{400, "empty"};
    Reading reading;
    reading.write = [](const ClassifyReply& reply) -> ProblemOr<HttpResponse> {
      if (reply.results.empty()) return HttpResponse{.status = 200, .body = "none"};
      if (reply.results[0].labels[0].label == "unspeakable") return Problem{500, "cannot be said"};
      if (reply.results[0].labels[0].label == "not as asked") return Problem{400, "cannot be asked"};
      return HttpResponse{.status = 200, .body = reply.results[0].labels[0].label};
    };
    if (request.body == "too many") reading.if_serving = Problem{400, "too many"};
    if (request.body != "no inputs") reading.call.inputs.push_back({request.body, std::nullopt});
    return reading;
  };
  route.write_problem = [](const HttpRequest& request, const Problem& problem) {
    return ToResponse(problem, request.request_id);
  };
  return route;
}

class ClassifyHandlerTest : public ::testing::Test {
 protected:
  ClassifyHandlerTest() { client_.ReplyWith("yes", 0.5f); }

  HttpResponse Ask(std::string_view body, std::string_view timeout = "") {
    HttpRequest request;
    request.body = body;
    request.request_id = "id-1";
    if (!timeout.empty()) request.headers.Add("X-Request-Timeout-Ms", timeout);
    std::optional<HttpResponse> answer;
    handler_(request, [&](HttpResponse response) { answer = std::move(response); });
    EXPECT_TRUE(answer);
    return answer.value_or(HttpResponse{.status = 0});
  }
  absl::Duration LastTimeout() { return client_.last_options().deadline - absl::Now(); }

  FakeClassifierClient client_;
  HttpHandler handler_ = MakeClassifyHandler({PlainRoute()}, {client_, {}, absl::Minutes(1)});
};

TEST_F(ClassifyHandlerTest, CarriesTheRequestThere) {
  EXPECT_EQ(Ask("hello").body, "yes");
  EXPECT_EQ(client_.last_call().inputs.at(0).text, "hello");
  EXPECT_EQ(client_.last_options().request_id, "id-1");
}

TEST_F(ClassifyHandlerTest, NotesWhatTheReplyTells) {
  ClassifyReply reply;
  reply.results.emplace_back().labels.push_back({"yes", 0.5f, 0});
  reply.model = "tickets";
  reply.model_version = "7";
  reply.queue = absl::Milliseconds(3);
  client_.AnswerBy([&](const ClassifyCall&) { return reply; });
  const HttpResponse answer = Ask("hello");
  EXPECT_EQ(answer.notes.dialect, "plain");
  EXPECT_EQ(answer.notes.model, "tickets");
  EXPECT_EQ(answer.notes.model_version, "7");
  EXPECT_EQ(answer.notes.inputs, 1);
  EXPECT_EQ(answer.notes.queue, absl::Milliseconds(3));
  EXPECT_EQ(Ask("").notes.dialect, "plain") << "also of what is refused";
}

TEST_F(ClassifyHandlerTest, WhatCannotBeReadIsNotSent) {
  EXPECT_EQ(Ask("").status, 400);
  EXPECT_EQ(client_.calls(), 0u);
}

TEST_F(ClassifyHandlerTest, TheDeadlineIsOursOrTheCallersIfSooner) {
  Ask("a");
  EXPECT_GT(LastTimeout(), absl::Seconds(50));
  EXPECT_LE(LastTimeout(), absl::Seconds(60));
  Ask("a", "2000");
  EXPECT_LE(LastTimeout(), absl::Seconds(2));
  Ask("a", "99999999");
  EXPECT_LE(LastTimeout(), absl::Seconds(60));
  Ask("a", "99999999999999999999999999");
  EXPECT_LE(LastTimeout(), absl::Seconds(60));
}

TEST_F(ClassifyHandlerTest, ATimeoutThatIsNoneIs400) {
  for (const char* bad : {"0", "-1", "-99999999999999999999999", "abc", "1.5", "10s", " 1", "+5"}) {
    const HttpResponse response = Ask("a", bad);
    EXPECT_EQ(response.status, 400) << bad;
    EXPECT_THAT(response.body, HasSubstr("x-request-timeout-ms"));
  }
  EXPECT_EQ(client_.calls(), 0u);
}

TEST_F(ClassifyHandlerTest, FailuresGetTheirStatusAndKeepTheirSecrets) {
  client_.FailWith(absl::InternalError("secret"));
  EXPECT_EQ(Ask("a").status, 500);
  EXPECT_THAT(Ask("a").body, Not(HasSubstr("secret")));
  client_.FailWith(absl::ResourceExhaustedError("the queue is full"));
  const HttpResponse overloaded = Ask("a");
  EXPECT_EQ(overloaded.status, 429);
  EXPECT_THAT(overloaded.body, HasSubstr("the queue is full"));
  EXPECT_TRUE(overloaded.headers.Find("Retry-After"));
}

TEST_F(ClassifyHandlerTest, SaysWhoAsks) {
  const auto client_of = [this](std::string_view header) {
    HttpRequest request;
    request.body = "hello";
    request.client_address = "10.0.0.7";
    if (!header.empty()) request.headers.Add("X-Client-Id", header);
    handler_(request, [](HttpResponse) {});
    return client_.last_options().client_id;
  };
  EXPECT_EQ(client_of(""), "10.0.0.7");
  EXPECT_EQ(client_of("team-a"), "team-a");
  EXPECT_EQ(client_of("tw o"), "10.0.0.7");
  EXPECT_EQ(client_of("\xC3\xA9"), "10.0.0.7");
  EXPECT_EQ(client_of(std::string(129, 'a')), "10.0.0.7");
}

TEST_F(ClassifyHandlerTest, AReplyThatCannotBeWrittenIsAProblem) {
  client_.ReplyWithNothing();
  EXPECT_EQ(Ask("a").status, 500);
  client_.ReplyWith("unspeakable", 1);
  EXPECT_EQ(Ask("a").status, 500);
  client_.ReplyWith("not as asked", 1);
  EXPECT_EQ(Ask("a").status, 400);
}

TEST_F(ClassifyHandlerTest, WithoutInputsTheServiceIsNotAsked) {
  EXPECT_EQ(Ask("no inputs").body, "none");
  EXPECT_EQ(client_.calls(), 0u);
}

TEST_F(ClassifyHandlerTest, SomeProblemsAreThereOnlyWhileTheServiceServes) {
  EXPECT_EQ(Ask("too many").status, 400);
  client_.SetHealth(absl::UnavailableError("loading"));
  EXPECT_EQ(Ask("too many").status, 503);
  EXPECT_EQ(client_.calls(), 0u);
}

TEST_F(ClassifyHandlerTest, ThePathNamesTheModel) {
  HttpRequest request;
  request.body = "a";
  request.path_parameters = {{"model", "tickets"}, {"version", "7"}};
  handler_(request, [](const HttpResponse&) {});
  EXPECT_EQ(client_.last_call().model, "tickets");
  EXPECT_EQ(client_.last_call().model_version, "7");
}

TEST_F(ClassifyHandlerTest, CustomAttributesComeBackWithAnswersAndProblems) {
  HttpRequest request;
  request.headers.Add("x-amzn-sagemaker-custom-attributes", "trace=1;a=b");
  for (const char* body : {"a", ""}) {
    request.body = body;
    std::optional<HttpResponse> answer;
    handler_(request, [&](HttpResponse response) { answer = std::move(response); });
    EXPECT_THAT(answer->headers.Find("X-Amzn-SageMaker-Custom-Attributes"), Optional(std::string_view("trace=1;a=b"))) << body;
  }
  EXPECT_FALSE(Ask("a").headers.Find("X-Amzn-SageMaker-Custom-Attributes"));
}

TEST_F(ClassifyHandlerTest, CancelCancelsTheCall) {
  client_.Hold();
  HttpRequest request;
  request.body = "a";
  int status = 0;
  CancelRequest cancel = handler_(request, [&](HttpResponse response) { status = response.status; });
  EXPECT_EQ(status, 0);
  ASSERT_TRUE(cancel);
  cancel();
  EXPECT_EQ(status, 499);
}

}  // namespace
}  // namespace verdict
