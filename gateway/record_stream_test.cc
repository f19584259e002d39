#include "gateway/record_stream.h"

#include <optional>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/time/clock.h"
#include "gateway/classify_handler.h"
#include "gateway/dialects/sagemaker.h"
#include "gateway/testing/fake_classifier_client.h"
#include "gateway/testing/fake_http_stream.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

// The label is the text; a text "bad" is the caller's fault.
absl::StatusOr<ClassifyReply> EchoLabels(const ClassifyCall& call) {
  ClassifyReply reply;
  for (const auto& input : call.inputs) {
    if (input.text == "bad") return absl::InvalidArgumentError("a bad text");
    reply.results.emplace_back().labels.push_back({input.text, 0.5f, 0});
  }
  return reply;
}

std::string Line(std::string_view label) {
  return absl::StrCat(R"({"prediction":{"label":")", std::string(label), R"(","probability":0.5}})", "\n");
}
std::string ErrorLine(int code, std::string_view message) {
  return absl::StrCat(R"({"error":{"code":)", code, R"(,"message":")", std::string(message), R"("}})", "\n");
}

class RecordStreamTest : public ::testing::Test {
 protected:
  RecordStreamTest() {
    client_.AnswerBy(EchoLabels);
    options_.calls.texts = 4;
    options_.calls.bytes = 100;
    head_.method = "POST";
    head_.path = "/invocations";
    head_.request_id = "id";
  }

  void Open(std::string_view content_type = "application/jsonlines", bool batch = false) {
    if (!content_type.empty()) head_.headers.Add("Content-Type", content_type);
    const Dialect dialect = SageMakerDialect({.records = {.batch = batch, .limits = {1000}}, .execution = {}});
    const ServiceAccess service{client_, {}, absl::Minutes(1)};
    route_ = MakeRecordStream(dialect.records.at(0), service, options_, MakeClassifyHandler(dialect.classify, service));
    ASSERT_TRUE(route_.takes(head_));
    sink_ = route_.open(head_, stream_);
  }
  // The body in pieces, each when it is welcome.
  void Send(std::string_view body, size_t piece = 16) {
    while (!body.empty()) {
      stream_.RunAll();
      if (!sink_->wants_data()) return;
      sink_->Data(body.substr(0, piece));
      body.remove_prefix(std::min(piece, body.size()));
    }
  }
  // All of the answer to a body.
  std::string Answer(std::string_view body, size_t piece = 16) {
    Send(body, piece);
    sink_->End();
    stream_.RunAll();
    EXPECT_TRUE(stream_.finished() || stream_.response());
    return stream_.written();
  }

  FakeClassifierClient client_;
  RecordStreamOptions options_;
  HttpRequest head_;
  FakeHttpStream stream_;
  StreamRoute route_;
  std::unique_ptr<StreamSink> sink_;
};

TEST_F(RecordStreamTest, EveryLineHasItsAnswerInOrder) {
  head_.headers.Add("X-Amzn-SageMaker-Custom-Attributes", "a=b");
  Open();
  std::string body, expected;
  for (int i = 0; i < 100; ++i) {
    absl::StrAppend(&body, "\"", i, "\"\n");
    expected += Line(absl::StrCat(i));
  }
  EXPECT_EQ(Answer(body + "\nnonsense\n\"last\""),
            expected + "\n" + ErrorLine(400, "the record is not valid JSON at byte 0 (line 1, column 1)") + Line("last"));
  EXPECT_EQ(stream_.head()->status, 200);
  EXPECT_EQ(stream_.head()->content_type, "application/jsonlines");
  EXPECT_EQ(stream_.head()->headers.Find("X-Amzn-SageMaker-Custom-Attributes"), "a=b");
}

TEST_F(RecordStreamTest, AnEmptyBodyHasAnEmptyAnswer) {
  Open();
  EXPECT_EQ(Answer(""), "");
  EXPECT_EQ(stream_.head()->status, 200);
  EXPECT_EQ(client_.calls(), 0u);
}

TEST_F(RecordStreamTest, AnArrayIsWhole) {
  head_.headers.Add("Accept", "application/json");
  Open();
  EXPECT_EQ(Answer("\"a\"\n\n"), R"([{"prediction":{"label":"a","probability":0.5}},null])");
}

TEST_F(RecordStreamTest, CallsHaveTheModelTheIdsAndTheirBounds) {
  head_.path_parameters = {{"model", "tickets"}};
  head_.headers.Add("X-Amzn-SageMaker-Inference-Id", "inference-1");
  head_.headers.Add("x-request-timeout-ms", "5000");
  Open();
  const std::string large = "\"" + std::string(90, 'x') + "\"\n";
  Answer(large + large + "\"a\"\n\"b\"\n\"c\"\n\"d\"\n\"e\"\n", 1000);
  EXPECT_EQ(client_.last_call().model, "tickets");
  EXPECT_EQ(client_.last_call().top_k, 1);
  EXPECT_EQ(client_.last_options().request_id, "id");
  EXPECT_EQ(client_.last_options().inference_id, "inference-1");
  EXPECT_LE(client_.last_options().deadline, absl::Now() + absl::Seconds(5));
  EXPECT_EQ(client_.calls(), 3u);  // one large text; another with three; the last
}

TEST_F(RecordStreamTest, ALineThatIsAloneIsAnsweredBeforeTheNextComes) {
  Open();
  sink_->Data("\"a\"\n");
  stream_.RunAll();
  EXPECT_EQ(stream_.written(), Line("a"));
}

TEST_F(RecordStreamTest, ABoundedNumberOfCallsIsUnderWayAndOrderIsKept) {
  options_.calls.concurrency = 3;
  client_.Hold();
  Open();
  std::string body, expected;
  for (int i = 0; i < 200; ++i) {
    absl::StrAppend(&body, "\"", i, "\"\n");
    expected += Line(absl::StrCat(i));
  }
  size_t fed = 0;
  for (; fed < body.size() && sink_->wants_data(); ++fed) sink_->Data(body.substr(fed, 1));
  EXPECT_LT(fed, body.size() / 2);
  EXPECT_EQ(client_.calls(), 3u);
  EXPECT_EQ(stream_.written(), "");
  client_.Release(/*last_first=*/true);
  client_.HoldNoMore();
  stream_.RunAll();
  EXPECT_EQ(Answer(body.substr(fed)), expected);
}

TEST_F(RecordStreamTest, WhileTheAnswerCannotBeWrittenNothingIsRead) {
  Open();
  EXPECT_TRUE(sink_->wants_data());
  stream_.SetWritable(false);
  EXPECT_FALSE(sink_->wants_data());
}

TEST_F(RecordStreamTest, OfARefusedCallOnlyTheRecordsAtFaultAreErrors) {
  options_.calls.texts = 64;
  Open();
  std::string body, expected;
  for (int i = 0; i < 60; ++i) {
    const bool bad = i == 0 || i == 31 || i == 32 || i == 59;
    absl::StrAppend(&body, "\"", bad ? "bad" : absl::StrCat(i), "\"\n");
    expected += bad ? ErrorLine(400, "a bad text") : Line(absl::StrCat(i));
  }
  EXPECT_EQ(Answer(body, 10'000), expected);
}

TEST_F(RecordStreamTest, ABusyServiceIsAskedAgainWithGrowingPauses) {
  int refusals = 6;
  client_.AnswerBy([&](const ClassifyCall& call) -> absl::StatusOr<ClassifyReply> {
    if (refusals-- > 0) return absl::ResourceExhaustedError("full");
    return EchoLabels(call);
  });
  Open();
  EXPECT_EQ(Answer("\"a\"\n"), Line("a"));
  EXPECT_EQ(stream_.waited(), absl::Milliseconds(50 + 100 + 200 + 400 + 800 + 1600));
}

TEST_F(RecordStreamTest, WhatTheServiceNeverTakesIsAnErrorOfItsKind) {
  options_.calls.first_pause = absl::Milliseconds(50);
  head_.headers.Add("x-request-timeout-ms", "10");  // less than a pause: one try
  client_.FailWith(absl::ResourceExhaustedError("full"));
  client_.AnswerBy(nullptr);
  Open();
  EXPECT_EQ(Answer("\"a\"\n\"b\"\n"), ErrorLine(429, "full") + ErrorLine(429, "full"));
}

TEST_F(RecordStreamTest, AServiceThatIsNotThereIs503AsLongAsNothingIsAnswered) {
  options_.calls.patience_at_start = absl::ZeroDuration();
  client_.AnswerBy(nullptr);
  client_.FailWith(absl::UnavailableError("gone"));
  Open();
  Send("\"a\"\n");
  stream_.RunAll();
  ASSERT_TRUE(stream_.response());
  EXPECT_EQ(stream_.response()->status, 503);
  EXPECT_TRUE(stream_.response()->headers.Find("Retry-After"));
  EXPECT_FALSE(stream_.begun());
  EXPECT_FALSE(sink_->wants_data());
}

TEST_F(RecordStreamTest, AServiceThatLeavesInTheMiddleCostsTheRecordsOnly) {
  head_.headers.Add("x-request-timeout-ms", "10");
  client_.AnswerBy([](const ClassifyCall& call) -> absl::StatusOr<ClassifyReply> {
    if (call.inputs[0].text == "gone") return absl::UnavailableError("gone");
    return EchoLabels(call);
  });
  Open();
  Send("\"a\"\n");
  EXPECT_THAT(Answer("\"gone\"\n\"b\"\n", 7),
              ::testing::AllOf(HasSubstr(Line("a") + R"({"error":{"code":503,)"), HasSubstr(Line("b"))));
}

TEST_F(RecordStreamTest, AModelThatIsNoneIs404) {
  client_.AnswerBy([](const ClassifyCall&) { return absl::NotFoundError("no model \"x\""); });
  Open();
  Answer("\"a\"\n");
  ASSERT_TRUE(stream_.response());
  EXPECT_EQ(stream_.response()->status, 404);
}

TEST_F(RecordStreamTest, FaultsOfTheServiceKeepTheirSecrets) {
  client_.AnswerBy([](const ClassifyCall&) { return absl::InternalError("secret"); });
  Open();
  const std::string answer = Answer("\"a\"\n");
  EXPECT_THAT(answer, HasSubstr(R"({"error":{"code":500,)"));
  EXPECT_THAT(answer, ::testing::Not(HasSubstr("secret")));
}

TEST_F(RecordStreamTest, AReplyWithoutLabelsIsAFaultOfTheService) {
  client_.AnswerBy([](const ClassifyCall&) { return ClassifyReply(); });
  Open();
  EXPECT_THAT(Answer("\"a\"\n"), HasSubstr(R"("code":500)"));
}

TEST_F(RecordStreamTest, ACallerThatLeavesCancelsItsCalls) {
  client_.Hold();
  Open();
  Send("\"a\"\n");
  ASSERT_EQ(client_.calls(), 1u);
  sink_.reset();
  EXPECT_TRUE(client_.AwaitCancel());
}

TEST_F(RecordStreamTest, RefusesOnTheHead) {
  head_.headers.Add("Accept", "text/html");
  Open();
  EXPECT_EQ(sink_, nullptr);
  EXPECT_EQ(stream_.response()->status, 406);
}

TEST_F(RecordStreamTest, ABadTimeoutIs400) {
  head_.headers.Add("x-request-timeout-ms", "soon");
  Open();
  EXPECT_EQ(stream_.response()->status, 400);
}

TEST_F(RecordStreamTest, OnePlainTextIsAnsweredAsOneDocument) {
  Open("text/plain");
  EXPECT_EQ(Answer("all of\nthis"), R"({"prediction":{"label":"all of\nthis","probability":0.5}})");
}

TEST_F(RecordStreamTest, OneBadTextIsAProblem) {
  Open("text/plain");
  Answer("\xff");
  ASSERT_TRUE(stream_.response());
  EXPECT_EQ(stream_.response()->status, 400);
}

TEST_F(RecordStreamTest, OneTextForABusyServiceIsRefusedAtOnce) {
  client_.AnswerBy([](const ClassifyCall&) { return absl::ResourceExhaustedError("full"); });
  Open("text/plain");
  Answer("a text");
  ASSERT_TRUE(stream_.response());
  EXPECT_EQ(stream_.response()->status, 429);
  EXPECT_TRUE(stream_.response()->headers.Find("Retry-After"));
  EXPECT_EQ(client_.calls(), 1u);
  EXPECT_EQ(stream_.waited(), absl::ZeroDuration());
}

TEST_F(RecordStreamTest, OneTextWhoseTimeIsOverIs504) {
  client_.AnswerBy([](const ClassifyCall&) { return absl::DeadlineExceededError("late"); });
  Open("text/plain");
  Answer("a text");
  ASSERT_TRUE(stream_.response());
  EXPECT_EQ(stream_.response()->status, 504);
}

TEST_F(RecordStreamTest, OneTextThatIsTooLongIsRefusedBeforeItHasArrived) {
  Open("text/plain");
  Send(std::string(1100, 'x'), 100);
  ASSERT_TRUE(stream_.response());
  EXPECT_EQ(stream_.response()->status, 400);
  EXPECT_FALSE(sink_->wants_data());
}

TEST_F(RecordStreamTest, OneTextThatTheServiceRefusesIsAProblem) {
  Open("text/plain");
  Answer("bad");
  ASSERT_TRUE(stream_.response());
  EXPECT_EQ(stream_.response()->status, 400);
}

// In batch transform, JSON is lines or one document.
TEST_F(RecordStreamTest, JsonOfManyLinesIsRecords) {
  Open("application/json", /*batch=*/true);
  EXPECT_EQ(Answer("{\"text\":\"a\"}\n\n{\"text\":\"b\"}\n{\"text\":\n"),
            Line("a") + "\n" + Line("b") +
                ErrorLine(400, "the record is not valid JSON: it ends too early, at byte 8 (line 1, column 9)"));
  EXPECT_EQ(stream_.head()->content_type, "application/json");
}

TEST_F(RecordStreamTest, JsonOfOneLineIsARecordWhereItIsOne) {
  Open("", /*batch=*/true);
  EXPECT_EQ(Answer("{\"text\":\"a\"}"), Line("a"));
}

TEST_F(RecordStreamTest, ABadRecordAloneIsStillARecord) {
  Open("application/json", /*batch=*/true);
  EXPECT_THAT(Answer("{\"text\":1}\n"), HasSubstr(R"({"error":{"code":400,)"));
}

TEST_F(RecordStreamTest, JsonOverManyLinesIsOneDocument) {
  Open("application/json", /*batch=*/true);
  Answer("{\n  \"text\":\n \"a\"\n}\n", 3);
  ASSERT_TRUE(stream_.response());
  EXPECT_EQ(stream_.response()->body, R"({"prediction":{"label":"a","probability":0.5}})");
}

// In pieces of a byte each; looked at from the line's end every time it would take minutes.
TEST_F(RecordStreamTest, SpaceBehindTheFirstLineIsLookedAtOnce) {
  Open("application/json", /*batch=*/true);
  const std::string answer = Answer("{\"text\":\"a\"}" + std::string(500'000, '\n') + "{\"text\":\"b\"}", 1);
  EXPECT_TRUE(answer == Line("a") + std::string(499'999, '\n') + Line("b"));
}

TEST_F(RecordStreamTest, ADocumentHasALimit) {
  options_.max_document_bytes = 50;
  Open("application/json", /*batch=*/true);
  head_.headers.Add("X-Amzn-SageMaker-Custom-Attributes", "a=b");
  Send("{\n\"text\":\"" + std::string(100, 'a'));
  ASSERT_TRUE(stream_.response());
  EXPECT_EQ(stream_.response()->status, 413);
  EXPECT_EQ(stream_.response()->headers.Find("X-Amzn-SageMaker-Custom-Attributes"), "a=b");
}

TEST_F(RecordStreamTest, WhatMayBeADocumentTakesOfTheMemoryForBodies) {
  options_.inflight_body_bytes = 50;
  Open("application/json", /*batch=*/true);
  Send("{\n\"text\":\"" + std::string(30, 'a'));
  EXPECT_FALSE(stream_.response());
  EXPECT_FALSE(options_.body_memory->HasPlaceFor(20, 50));
  Send(std::string(11, 'a'));
  ASSERT_TRUE(stream_.response());
  EXPECT_EQ(stream_.response()->status, 429);
  EXPECT_EQ(stream_.response()->headers.Find("Retry-After"), "1");
  sink_.reset();
  EXPECT_TRUE(options_.body_memory->HasPlaceFor(50, 50));
}

TEST_F(RecordStreamTest, ADocumentHoldsItsMemoryUntilItIsAnswered) {
  options_.inflight_body_bytes = 50;
  client_.Hold();
  Open("application/json", /*batch=*/true);
  Send("{\n\"text\":\"" + std::string(30, 'a') + "\"}");
  EXPECT_TRUE(sink_->keeps_body());
  sink_->End();
  ASSERT_EQ(client_.calls(), 1u);
  EXPECT_FALSE(options_.body_memory->HasPlaceFor(20, 50));
}

TEST_F(RecordStreamTest, LinesTakeNoneOfTheMemoryForBodies) {
  options_.inflight_body_bytes = 50;
  Open("application/json", /*batch=*/true);
  Send("{\"text\":\"a\"}\n{\"text\":");
  EXPECT_FALSE(sink_->keeps_body());
  EXPECT_TRUE(options_.body_memory->HasPlaceFor(50, 50));
  EXPECT_EQ(Answer("\"" + std::string(60, 'b') + "\"}"), Line("a") + Line(std::string(60, 'b')));
}

TEST_F(RecordStreamTest, ACallerThatLeavesCancelsItsDocument) {
  client_.Hold();
  Open("application/json", /*batch=*/true);
  Send("{\n\"text\":\"a\"}");
  sink_->End();
  ASSERT_EQ(client_.calls(), 1u);
  sink_.reset();
  EXPECT_TRUE(client_.AwaitCancel());
}

}  // namespace
}  // namespace verdict
