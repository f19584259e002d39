#include "services/classifier/repository/model_classifier.h"

#include <future>
#include <optional>

#include "absl/time/clock.h"
#include "common/retry_delay.h"
#include "common/steady_clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/support/fake_backend.h"
#include "tests/support/fake_tokenizer.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

class ModelClassifierTest : public testing::Test {
 protected:
  void Start(const Admission::Limits& limits = {}, BatchScheduler::Options batching = {}) {
    admission_.emplace(limits);
    auto backend = std::make_unique<FakeBackend>();
    backend_ = backend.get();
    ModelClassifier::Parts parts;
    parts.info.name = "tickets";
    parts.info.version = "7";
    parts.info.labels = {"low", "high"};
    parts.info.max_tokens = 10;
    parts.function_to_apply = FunctionToApply::kNone;
    parts.vocabulary_size = 128;
    parts.tokenizer = std::make_unique<FakeTokenizer>();
    parts.backend = std::move(backend);
    model_.emplace(std::move(parts), *admission_, std::move(batching));
  }

  std::future<absl::StatusOr<ClassifyResponse>> Begin(ClassifyRequest request, CallContext context = {}) {
    auto promise = std::make_shared<std::promise<absl::StatusOr<ClassifyResponse>>>();
    model_->Classify(std::move(request), std::move(context),
                     [promise](absl::StatusOr<ClassifyResponse> r) { promise->set_value(std::move(r)); });
    return promise->get_future();
  }
  absl::StatusOr<ClassifyResponse> Classify(ClassifyRequest request, CallContext context = {}) {
    return Begin(std::move(request), std::move(context)).get();
  }
  static ClassifyRequest Texts(std::vector<std::string> texts, ClassifyOptions options = {}) {
    ClassifyRequest request;
    for (auto& text : texts) request.inputs.push_back({std::move(text), std::nullopt});
    request.options = options;
    return request;
  }
  static std::string ErrorOf(const absl::StatusOr<ClassifyResponse>& response, absl::StatusCode code) {
    EXPECT_EQ(response.status().code(), code);
    return std::string(response.status().message());
  }

  std::optional<Admission> admission_;
  FakeBackend* backend_ = nullptr;
  std::optional<ModelClassifier> model_;
};

TEST_F(ModelClassifierTest, AnswersEveryTextWithRankedLabels) {
  Start();
  const auto response = Classify(Texts({"\x05", ""}));
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_EQ(response->model, "tickets");
  EXPECT_EQ(response->model_version, "7");
  ASSERT_EQ(response->results.size(), 2u);
  // ids 1 5 2: logits 8 and 16
  EXPECT_EQ(response->results[0].labels[0].label, "high");
  EXPECT_EQ(response->results[0].labels[0].score, 16);
  EXPECT_EQ(response->results[0].labels[1].score, 8);
  EXPECT_EQ(response->results[0].tokens, 3);
  EXPECT_EQ(response->results[1].tokens, 2);
}

TEST_F(ModelClassifierTest, HonoursTheOptions) {
  Start();
  const auto response = Classify(
      Texts({"\x05"}, {.top_k = 1, .function_to_apply = FunctionToApply::kSigmoid, .truncation_policy = {}, .window = {}}));
  ASSERT_EQ(response->results[0].labels.size(), 1u);
  EXPECT_NEAR(response->results[0].labels[0].score, 1.0, 1e-6);
}

TEST_F(ModelClassifierTest, TruncatesAndSaysSo) {
  Start();
  const auto response = Classify(Texts({"0123456789ab"}));
  EXPECT_EQ(response->results[0].tokens, 10);
  EXPECT_EQ(response->results[0].tokens_dropped, 4);
  const auto refused =
      Classify(Texts({"short", "0123456789ab"},
                     {.top_k = 0, .function_to_apply = {}, .truncation_policy = TruncationPolicy::kError, .window = {}}));
  EXPECT_EQ(ErrorOf(refused, absl::StatusCode::kInvalidArgument), "inputs[1]: 14 tokens, at most 10");
}

TEST_F(ModelClassifierTest, ReadsALongTextInWindows) {
  Start();
  ClassifyOptions options;
  options.truncation_policy = TruncationPolicy::kWindow;
  options.window = {.size = 5, .stride = 0, .combination = WindowCombination::kMean, .return_windows = true};
  ClassifyRequest request = Texts({"\x03\x04\x05\x06", "\x07"}, options);
  auto response = Classify(request);
  ASSERT_TRUE(response.ok()) << response.status();
  const Classification& result = response->results[0];
  // windows 1 3 4 5 2 and 1 6 2: logits 15, 30 and 9, 18
  EXPECT_EQ(result.windows, 2);
  EXPECT_EQ(result.tokens, 8);
  EXPECT_EQ(result.tokens_dropped, 0);
  EXPECT_EQ(result.labels[0].label, "high");
  EXPECT_EQ(result.labels[0].score, 24);
  ASSERT_EQ(result.window_results.size(), 2u);
  EXPECT_EQ(result.window_results[1].labels[0].score, 18);
  EXPECT_EQ(result.window_results[1].first_token, 3);
  EXPECT_EQ(result.window_results[1].tokens, 3);
  EXPECT_EQ(response->results[1].labels[0].score, 20);  // the next text's row is its own
  EXPECT_THAT(backend_->batches(), ElementsAre(ElementsAre(5, 3, 3)));

  request.options.window.combination = WindowCombination::kMax;
  EXPECT_EQ(Classify(request)->results[0].labels[0].score, 30);
  request.options.window.combination = WindowCombination::kFirst;
  request.options.window.return_windows = false;
  response = Classify(request);
  EXPECT_EQ(response->results[0].labels[0].score, 30);
  EXPECT_THAT(response->results[0].window_results, testing::IsEmpty());
}

TEST_F(ModelClassifierTest, RefusesWindowsThatTheModelCannotRead) {
  Start();
  ClassifyOptions options;
  options.truncation_policy = TruncationPolicy::kWindow;
  options.window.size = 11;
  EXPECT_EQ(ErrorOf(Classify(Texts({"a"}, options)), absl::StatusCode::kInvalidArgument),
            "inputs[0]: windows of 11 tokens are longer than the model takes, 10");
  options.window.size = 3;
  EXPECT_EQ(ErrorOf(Classify(Texts({std::string(300, 'a')}, options)), absl::StatusCode::kInvalidArgument),
            "inputs[0]: too many windows");
}

TEST_F(ModelClassifierTest, RefusesWhatCannotBeAnswered) {
  Start();
  EXPECT_THAT(ErrorOf(Classify({}), absl::StatusCode::kInvalidArgument), HasSubstr("at least one text"));
  EXPECT_EQ(ErrorOf(Classify(Texts({"a", "nothing"})), absl::StatusCode::kInvalidArgument),
            "inputs[1]: has no tokens, and the model needs at least one");
  EXPECT_EQ(ErrorOf(Classify(Texts({"a", "refuse"})), absl::StatusCode::kInvalidArgument), "inputs[1]: the fake refuses");
  EXPECT_THAT(ErrorOf(Classify(Texts({"a", "\xC8"})), absl::StatusCode::kInvalidArgument),
              HasSubstr("inputs[1]: holds token id 200"));
}

TEST_F(ModelClassifierTest, RefusesBeyondTheAdmittedWorkAndRecovers) {
  Start({.texts = 2, .bytes = 100});
  backend_->Hold();
  auto first = Begin(Texts({"a", "b"}));
  backend_->AwaitBatches(1);
  const auto refused = Classify(Texts({"c"}));
  EXPECT_THAT(ErrorOf(refused, absl::StatusCode::kResourceExhausted), HasSubstr("overloaded"));
  EXPECT_GE(RetryDelayOf(refused.status()), absl::Milliseconds(100));
  backend_->Release();
  EXPECT_TRUE(first.get().ok());
  EXPECT_TRUE(Classify(Texts({"c", "d"})).ok());
}

TEST_F(ModelClassifierTest, RefusesWhatWouldBeLateBeforeItIsTokenised) {
  absl::Time now = SteadyNow();
  Start({}, {.now = [&now] { return now; }, .jitter = [] { return 0.0; }});
  const auto held = [&](const char* text) {
    const size_t before = backend_->batches().size();
    backend_->Hold();
    auto answer = Begin(Texts({text}));
    backend_->AwaitBatches(before + 1);
    return answer;
  };
  auto teaching = held("12345678");
  now += absl::Seconds(10);  // a second for a token
  backend_->Release();
  ASSERT_TRUE(teaching.get().ok());
  auto running = held("12345678");
  CallContext context;
  context.deadline = now + absl::Seconds(15);
  const auto refused = Classify(Texts({"refuse--"}), context);  // ten tokens by the bytes, and none of it is looked at
  EXPECT_THAT(ErrorOf(refused, absl::StatusCode::kResourceExhausted), HasSubstr("would take about 20s"));
  EXPECT_EQ(RetryDelayOf(refused.status()), absl::Seconds(10));
  const auto refused_batch = Classify(Texts({"a", "b", "c", "d"}), context);
  ErrorOf(refused_batch, absl::StatusCode::kResourceExhausted);
  context.deadline = now + absl::Seconds(30);
  auto waits = Begin(Texts({"1234"}), context);
  backend_->Release();
  EXPECT_TRUE(waits.get().ok());
}

TEST_F(ModelClassifierTest, ARefusedRequestGivesItsPlaceBack) {
  Start({.texts = 1, .bytes = 100});
  for (int i = 0; i < 3; ++i) EXPECT_FALSE(Classify(Texts({"refuse"})).ok());
  backend_->fail_when = [](const auto&) { return true; };
  for (int i = 0; i < 3; ++i) ErrorOf(Classify(Texts({"a"})), absl::StatusCode::kInternal);
  backend_->fail_when = nullptr;
  EXPECT_TRUE(Classify(Texts({"a"})).ok());
}

TEST_F(ModelClassifierTest, LateOrAbandonedRequestsAreNotTokenised) {
  Start();
  ErrorOf(Classify(Texts({"a"}), {.deadline = absl::Now() - absl::Seconds(1), .request_id = {}, .cancelled = {}}),
          absl::StatusCode::kDeadlineExceeded);
  ErrorOf(Classify(Texts({"a"}), {.deadline = absl::InfiniteFuture(), .request_id = {}, .cancelled = [] { return true; }}),
          absl::StatusCode::kCancelled);
  EXPECT_THAT(backend_->batches(), testing::IsEmpty());
}

TEST_F(ModelClassifierTest, NanFromTheModelIsAnErrorAndNotAnAnswer) {
  Start();
  backend_->answer_nan = true;
  EXPECT_THAT(ErrorOf(Classify(Texts({"a"})), absl::StatusCode::kInternal), HasSubstr("NaN"));
}

TEST_F(ModelClassifierTest, PhasesAddUp) {
  Start();
  const auto response = Classify(Texts({"a"}));
  EXPECT_GE(response->times.total, response->times.tokenize + response->times.queue + response->times.compute);
}

}  // namespace
}  // namespace verdict
