#include "gateway/client/traced_classifier_client.h"

#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "telemetry/testing/keeping_sink.h"

namespace verdict {
namespace {

constexpr char kSampled[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
constexpr char kNotSampled[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00";

// Answers at once, as it is told.
struct FakeClient : ClassifierClient {
  CancelCall Classify(ClassifyCall, CallOptions options, Done done) override {
    asked.push_back(options);
    done(answer);
    return [this] { ++cancelled; };
  }
  void CheckHealth(absl::Time, absl::AnyInvocable<void(absl::Status)> done) override { done(absl::OkStatus()); }
  void QueryModels(ModelsQuery, CallOptions, ModelsDone done) override { done(std::vector<ModelDescription>(3)); }

  std::vector<CallOptions> asked;
  absl::StatusOr<ClassifyReply> answer = ClassifyReply();
  int cancelled = 0;
};

class TracedClassifierClientTest : public testing::Test {
 protected:
  void Classify(const char* trace_parent) {
    ClassifyCall call;
    call.inputs = {{"a", {}}, {"b", {}}};
    CallOptions options;
    options.trace_parent = trace_parent;
    options.trace_state = "a=b";
    CancelCall cancel = client_.Classify(std::move(call), std::move(options), [this](absl::StatusOr<ClassifyReply> reply) {
      EXPECT_LE(spans_when_done_ = sink_.spans.size(), 1u);
      ok_ = reply.ok();
    });
    cancel();
  }

  KeepingSink sink_;
  Tracer tracer_{sink_, Sampler::Create("parentbased_always_on", 1).value()};
  FakeClient* const fake_ = new FakeClient;
  TracedClassifierClient client_{std::unique_ptr<ClassifierClient>(fake_), tracer_};
  size_t spans_when_done_ = 0;
  bool ok_ = false;
};

TEST_F(TracedClassifierClientTest, PutsASpanBetweenTheRequestAndTheService) {
  Classify(kSampled);
  ASSERT_EQ(sink_.spans.size(), 1u);
  const Span& span = sink_.spans.front();
  EXPECT_EQ(span.kind, Span::Kind::kClient);
  EXPECT_EQ(span.parent, 0xb7ad6b7169203331u);
  EXPECT_EQ(span.context.state, "a=b");
  EXPECT_EQ(fake_->asked.front().trace_parent, FormatTraceParent(span.context));
  EXPECT_EQ(fake_->asked.front().trace_state, "a=b");
  EXPECT_NE(span.context.span_id, span.parent);
  EXPECT_EQ(ToHex(span.context.trace_id), "0af7651916cd43dd8448eb211c80319c");
  EXPECT_FALSE(span.failed);
  EXPECT_GE(span.end, span.start);
  EXPECT_EQ(spans_when_done_, 1u);
  EXPECT_EQ(fake_->cancelled, 1);
}

TEST_F(TracedClassifierClientTest, TellsOfFailures) {
  fake_->answer = absl::ResourceExhaustedError("busy");
  Classify(kSampled);
  EXPECT_FALSE(ok_);
  ASSERT_EQ(sink_.spans.size(), 1u);
  EXPECT_TRUE(sink_.spans.front().failed);
  EXPECT_EQ(sink_.spans.front().error, "RESOURCE_EXHAUSTED");
}

TEST_F(TracedClassifierClientTest, LetsTheRestPassAsItCame) {
  for (const char* trace_parent : {kNotSampled, "", "nonsense"}) {
    Classify(trace_parent);
    EXPECT_EQ(fake_->asked.back().trace_parent, trace_parent);
    EXPECT_TRUE(ok_);
  }
  EXPECT_TRUE(sink_.spans.empty());
  size_t models = 0;
  client_.QueryModels({}, {}, [&](absl::StatusOr<std::vector<ModelDescription>> answer) { models = answer->size(); });
  EXPECT_EQ(models, 3u);
  absl::Status health = absl::UnknownError("not asked");
  client_.CheckHealth(absl::InfiniteFuture(), [&](absl::Status status) { health = std::move(status); });
  EXPECT_TRUE(health.ok());
}

}  // namespace
}  // namespace verdict
