#include "services/classifier/rpc/classify_stream.h"

#include <memory>
#include <set>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"
#include "services/classifier/rpc/classifier_service.h"
#include "services/classifier/rpc/testing/serve.h"
#include "tests/support/fake_classifier.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using Stream = grpc::ClientReaderWriter<v1::StreamClassifyRequest, v1::StreamClassifyResponse>;
using RawStream = grpc::ClientReaderWriter<grpc::ByteBuffer, grpc::ByteBuffer>;

constexpr int kMostUnanswered = 4;
constexpr int64_t kMostBytes = 1000;
constexpr int64_t kMostWaitingBytes = 1500;

v1::StreamClassifyRequest Request(const std::string& id, const std::string& text, bool unordered = false) {
  v1::StreamClassifyRequest message;
  message.set_id(id);
  message.set_unordered(unordered);
  message.mutable_request()->add_inputs()->set_text(text);
  return message;
}

std::string ReasonIn(const google::rpc::Status& error) {
  google::rpc::ErrorInfo info;
  for (const auto& detail : error.details()) {
    if (detail.UnpackTo(&info)) return info.reason();
  }
  return {};
}

std::string ReasonIn(const grpc::Status& status) {
  google::rpc::Status error;
  error.ParseFromString(status.error_details());
  return ReasonIn(error);
}

class ClassifyStreamTest : public testing::Test {
 protected:
  void SetUp() override { Serve(absl::Seconds(30)); }

  void Serve(absl::Duration max_deadline) {
    service_ =
        std::make_unique<ClassifierService>(classifier_, ClassifierService::Limits{.max_inputs = 3,
                                                                                   .max_deadline = max_deadline,
                                                                                   .max_unanswered = kMostUnanswered,
                                                                                   .max_unanswered_bytes = kMostBytes,
                                                                                   .max_waiting_bytes = kMostWaitingBytes});
    std::tie(server_, channel_) = ServeLocally({service_.get()});
    stub_ = v1::Classifier::NewStub(channel_);
  }

  ~ClassifyStreamTest() override {
    context_.TryCancel();
    server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(10));
  }

  // Sends bytes that no stub would send.
  std::unique_ptr<RawStream> OpenRaw() {
    const grpc::internal::RpcMethod method("/verdict.v1.Classifier/StreamClassify", grpc::internal::RpcMethod::BIDI_STREAMING);
    return std::unique_ptr<RawStream>(
        grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(channel_.get(), method, &context_));
  }
  static bool WriteRaw(RawStream& stream, const std::string& bytes) {
    grpc::Slice slice(bytes);
    return stream.Write(grpc::ByteBuffer(&slice, 1));
  }

  static std::vector<std::string> ReadIds(Stream& stream, size_t count) {
    std::vector<std::string> ids;
    v1::StreamClassifyResponse answer;
    while (ids.size() < count && stream.Read(&answer)) ids.push_back(answer.id());
    return ids;
  }

  FakeClassifier classifier_;
  std::unique_ptr<ClassifierService> service_;
  std::unique_ptr<grpc::Server> server_;
  std::shared_ptr<grpc::Channel> channel_;
  std::unique_ptr<v1::Classifier::Stub> stub_;
  grpc::ClientContext context_;
};

TEST_F(ClassifyStreamTest, AnswersComeInOrderAndTheStreamEndsAfterTheLast) {
  context_.AddMetadata("x-request-id", "stream-1");
  classifier_.Hold();
  const auto stream = stub_->StreamClassify(&context_);
  for (const char* id : {"a", "b", "c"}) ASSERT_TRUE(stream->Write(Request(id, std::string("text of ") + id)));
  ASSERT_TRUE(stream->WritesDone());
  classifier_.AwaitCalls(3);
  for (int i = 0; i < 3; ++i) classifier_.ReleaseLast();
  v1::StreamClassifyResponse answer;
  for (const char* id : {"a", "b", "c"}) {
    ASSERT_TRUE(stream->Read(&answer));
    EXPECT_EQ(answer.id(), id);
    EXPECT_EQ(answer.response().results(0).labels(0).label(), std::string("text of ") + id);
  }
  EXPECT_FALSE(stream->Read(&answer));
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(classifier_.contexts().at(2).request_id, "stream-1");
  EXPECT_EQ(context_.GetServerTrailingMetadata().count("x-request-id"), 1u);
}

TEST_F(ClassifyStreamTest, UnorderedAnswersComeAsTheyAreReady) {
  classifier_.Hold();
  const auto stream = stub_->StreamClassify(&context_);
  ASSERT_TRUE(stream->Write(Request("a", "1", true)));
  for (const char* id : {"b", "c"}) ASSERT_TRUE(stream->Write(Request(id, "2")));
  classifier_.AwaitCalls(3);
  for (int i = 0; i < 3; ++i) classifier_.ReleaseLast();
  EXPECT_THAT(ReadIds(*stream, 3), ElementsAre("c", "b", "a"));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ClassifyStreamTest, AStreamWithoutRequestsEndsWell) {
  const auto stream = stub_->StreamClassify(&context_);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ClassifyStreamTest, ARequestThatFailsEndsNothingElse) {
  context_.AddMetadata("x-request-id", "stream-2");
  const auto stream = stub_->StreamClassify(&context_);
  v1::StreamClassifyRequest empty;
  empty.set_id("empty");
  ASSERT_TRUE(stream->Write(empty));
  classifier_.FailNext(absl::NotFoundError("no such model"));
  ASSERT_TRUE(stream->Write(Request("lost", "x")));
  v1::StreamClassifyResponse answer;
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_EQ(answer.id(), "empty");
  EXPECT_EQ(answer.error().code(), grpc::StatusCode::INVALID_ARGUMENT);
  EXPECT_EQ(answer.error().message(), "inputs: at least one text is needed");
  google::rpc::BadRequest bad;
  ASSERT_TRUE(answer.error().details(1).UnpackTo(&bad));
  EXPECT_EQ(bad.field_violations(0).field(), "inputs");
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_EQ(answer.error().code(), grpc::StatusCode::NOT_FOUND);
  EXPECT_EQ(ReasonIn(answer.error()), "MODEL_NOT_FOUND");
  google::rpc::RequestInfo request;
  ASSERT_TRUE(answer.error().details(1).UnpackTo(&request));
  EXPECT_EQ(request.request_id(), "stream-2");
  ASSERT_TRUE(stream->Write(Request("good", "x")));
  EXPECT_THAT(ReadIds(*stream, 1), ElementsAre("good"));
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ClassifyStreamTest, SaysWhereATextIsNotUtf8) {
  const auto stream = OpenRaw();
  // id: "x"  request { inputs { text: "ok" } }, and the rest of the request on its own: request { inputs { text: "a\xFF" } }
  ASSERT_TRUE(WriteRaw(*stream, std::string("\x0A\x01x\x12\x06\x1A\x04\x0A\x02ok\x12\x06\x1A\x04\x0A\x02") + "a\xFF"));
  grpc::ByteBuffer bytes;
  ASSERT_TRUE(stream->Read(&bytes));
  v1::StreamClassifyResponse answer;
  ASSERT_TRUE(grpc::SerializationTraits<v1::StreamClassifyResponse>::Deserialize(&bytes, &answer).ok());
  EXPECT_EQ(answer.id(), "x");
  EXPECT_EQ(answer.error().message(), "inputs[1].text: is not valid UTF-8 at byte 1");
  EXPECT_EQ(ReasonIn(answer.error()), "INVALID_UTF8");
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ClassifyStreamTest, WhatIsNoMessageEndsTheStreamOnceTheRestIsAnswered) {
  for (const std::string& broken : {std::string("\x0A\xFFshort"), std::string("\x0A\x01\xFF")}) {
    grpc::ClientContext context;
    const grpc::internal::RpcMethod method("/verdict.v1.Classifier/StreamClassify", grpc::internal::RpcMethod::BIDI_STREAMING);
    const std::unique_ptr<RawStream> stream(
        grpc::internal::ClientReaderWriterFactory<grpc::ByteBuffer, grpc::ByteBuffer>::Create(channel_.get(), method, &context));
    ASSERT_TRUE(WriteRaw(*stream, Request("first", "x").SerializeAsString()));
    ASSERT_TRUE(WriteRaw(*stream, broken));
    grpc::ByteBuffer bytes;
    EXPECT_TRUE(stream->Read(&bytes));
    EXPECT_FALSE(stream->Read(&bytes));
    const grpc::Status status = stream->Finish();
    EXPECT_EQ(status.error_code(), grpc::StatusCode::INVALID_ARGUMENT) << status.error_message();
    EXPECT_EQ(ReasonIn(status), "INVALID_REQUEST");
  }
}

TEST_F(ClassifyStreamTest, ReadsOnOnlyWhileFewRequestsAreUnanswered) {
  constexpr int kRequests = 40;
  classifier_.Hold();
  const auto stream = stub_->StreamClassify(&context_);
  std::thread writer([&] {
    for (int i = 0; i < kRequests; ++i) stream->Write(Request(std::to_string(i), "x", true));
    stream->WritesDone();
  });
  for (int i = 0; i < kRequests; ++i) {
    classifier_.AwaitCalls(static_cast<size_t>(std::min(i + kMostUnanswered, kRequests)));
    classifier_.ReleaseLast();
    EXPECT_EQ(ReadIds(*stream, 1).size(), 1u);
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(classifier_.most_held(), static_cast<size_t>(kMostUnanswered));
}

TEST_F(ClassifyStreamTest, ReadsOnOnlyWhileFewBytesAreUnanswered) {
  classifier_.Hold();
  const auto stream = stub_->StreamClassify(&context_);
  std::thread writer([&] {
    for (int i = 0; i < 20; ++i) stream->Write(Request(std::to_string(i), std::string(600, 'x'), true));
    stream->WritesDone();
  });
  for (size_t i = 0; i < 20; ++i) {
    classifier_.AwaitCalls(std::min<size_t>(i + 2, 20));
    classifier_.ReleaseLast();
    EXPECT_EQ(ReadIds(*stream, 1).size(), 1u);
  }
  writer.join();
  EXPECT_TRUE(stream->Finish().ok());
  EXPECT_EQ(classifier_.most_held(), 2u);
}

TEST_F(ClassifyStreamTest, WaitsWhileTheServerIsOverloaded) {
  for (int i = 0; i < 3; ++i) classifier_.FailNext(absl::ResourceExhaustedError("overloaded"));
  const auto stream = stub_->StreamClassify(&context_);
  for (const char* id : {"a", "b"}) ASSERT_TRUE(stream->Write(Request(id, "x")));
  v1::StreamClassifyResponse answer;
  for (const char* id : {"a", "b"}) {
    ASSERT_TRUE(stream->Read(&answer));
    EXPECT_EQ(answer.id(), id);
    EXPECT_TRUE(answer.has_response());
  }
  EXPECT_EQ(classifier_.contexts().size(), 5u);
  EXPECT_EQ(classifier_.contexts().at(0).deadline, classifier_.contexts().at(3).deadline);  // waiting gains no time
}

TEST_F(ClassifyStreamTest, WhileTheFirstIsRefusedTheOthersAreNotTried) {
  classifier_.Hold();
  const auto stream = stub_->StreamClassify(&context_);
  for (const char* id : {"a", "b", "c", "d"}) ASSERT_TRUE(stream->Write(Request(id, "x", true)));
  classifier_.AwaitCalls(4);
  for (int i = 0; i < 3; ++i) classifier_.FailNext(absl::ResourceExhaustedError("overloaded"));
  classifier_.ReleaseWith(absl::ResourceExhaustedError("overloaded"));
  EXPECT_THAT(ReadIds(*stream, 4), ElementsAre("a", "b", "c", "d"));
  EXPECT_EQ(classifier_.contexts().size(), 11u);  // 4, then the first three times, then each
}

// What waits in all streams together is bounded, and what it is bounded by comes back.
TEST_F(ClassifyStreamTest, WhenTooMuchWaitsARequestIsRefusedAtOnce) {
  const std::string text(800, 'x');
  const absl::Status overloaded = absl::ResourceExhaustedError("overloaded");
  for (int round = 0; round < 3; ++round) {
    classifier_.Hold();
    grpc::ClientContext first_context, second_context;
    const auto first = stub_->StreamClassify(&first_context);
    const auto second = stub_->StreamClassify(&second_context);
    const size_t before = classifier_.contexts().size();
    ASSERT_TRUE(first->Write(Request("waits", text)));
    ASSERT_TRUE(second->Write(Request("is refused", text)));
    classifier_.AwaitCalls(before + 2);
    for (int i = 0; i < 2; ++i) classifier_.FailNext(overloaded);  // while the second is told
    classifier_.ReleaseWith(overloaded);
    v1::StreamClassifyResponse one, other;
    ASSERT_TRUE(first->Read(&one));
    ASSERT_TRUE(second->Read(&other));
    EXPECT_NE(one.has_error(), other.has_error());
    EXPECT_EQ(ReasonIn((one.has_error() ? one : other).error()), "OVERLOADED");
  }
}

TEST_F(ClassifyStreamTest, OverloadUntilTheDeadlineIsAnError) {
  server_->Shutdown();
  Serve(absl::Milliseconds(60));
  for (int i = 0; i < 100; ++i) classifier_.FailNext(absl::ResourceExhaustedError("overloaded"));
  const auto stream = stub_->StreamClassify(&context_);
  ASSERT_TRUE(stream->Write(Request("a", "x")));
  v1::StreamClassifyResponse answer;
  ASSERT_TRUE(stream->Read(&answer));
  EXPECT_EQ(answer.error().code(), grpc::StatusCode::RESOURCE_EXHAUSTED);
  EXPECT_EQ(ReasonIn(answer.error()), "OVERLOADED");
  EXPECT_GT(classifier_.contexts().size(), 1u);
  stream->WritesDone();
  EXPECT_TRUE(stream->Finish().ok());
}

TEST_F(ClassifyStreamTest, EachRequestHasTheDeadlineOfTheStreamOrLess) {
  const absl::Time wanted = absl::Now() + absl::Seconds(5);
  context_.set_deadline(absl::ToChronoTime(wanted));
  const auto stream = stub_->StreamClassify(&context_);
  ASSERT_TRUE(stream->Write(Request("a", "x")));
  EXPECT_EQ(ReadIds(*stream, 1).size(), 1u);
  EXPECT_LT(absl::AbsDuration(classifier_.contexts().at(0).deadline - wanted), absl::Seconds(1));
  grpc::ClientContext endless;
  const auto second = stub_->StreamClassify(&endless);
  ASSERT_TRUE(second->Write(Request("a", "x")));
  EXPECT_EQ(ReadIds(*second, 1).size(), 1u);
  EXPECT_LT(classifier_.contexts().at(1).deadline, absl::Now() + absl::Seconds(31));
  endless.TryCancel();
}

TEST_F(ClassifyStreamTest, CancellingTheStreamCancelsItsRequests) {
  classifier_.Hold();
  const auto stream = stub_->StreamClassify(&context_);
  for (const char* id : {"a", "b"}) ASSERT_TRUE(stream->Write(Request(id, "x")));
  classifier_.AwaitCalls(2);
  EXPECT_FALSE(classifier_.contexts().at(0).IsCancelled());
  context_.TryCancel();
  EXPECT_EQ(stream->Finish().error_code(), grpc::StatusCode::CANCELLED);
  for (const auto& context : classifier_.contexts()) {
    while (!context.IsCancelled()) std::this_thread::yield();  // the server learns it a moment later
  }
  classifier_.Release();  // answers that nobody waits for
}

TEST_F(ClassifyStreamTest, ADrainAnswersWhatWasReadAndEndsUnavailable) {
  classifier_.Hold();
  const auto stream = stub_->StreamClassify(&context_);
  for (const char* id : {"a", "b"}) ASSERT_TRUE(stream->Write(Request(id, "x")));
  classifier_.AwaitCalls(2);
  service_->Drain();
  classifier_.Release();
  EXPECT_THAT(ReadIds(*stream, 3), ElementsAre("a", "b"));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonIn(status), "DRAINING");
  grpc::ClientContext later;
  const auto refused = stub_->StreamClassify(&later);
  EXPECT_EQ(ReasonIn(refused->Finish()), "DRAINING");
}

TEST_F(ClassifyStreamTest, ADrainEndsAnIdleStream) {
  const auto stream = stub_->StreamClassify(&context_);
  ASSERT_TRUE(stream->Write(Request("a", "x")));
  EXPECT_THAT(ReadIds(*stream, 1), ElementsAre("a"));
  service_->Drain();
  server_->Shutdown(std::chrono::system_clock::now() + std::chrono::seconds(20));
  const grpc::Status status = stream->Finish();
  EXPECT_EQ(status.error_code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(ReasonIn(status), "DRAINING");
}

}  // namespace
}  // namespace verdict
