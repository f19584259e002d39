#include <atomic>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "boost/asio.hpp"
#include "boost/beast.hpp"
#include "common/steady_clock.h"
#include "gmock/gmock.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "opentelemetry/trace_service.grpc.pb.h"
#include "telemetry/otlp/grpc_span_exporter.h"
#include "telemetry/otlp/http_span_exporter.h"

namespace verdict {
namespace {

namespace asio = boost::asio;
namespace http = boost::beast::http;
namespace otlp = opentelemetry::proto::collector::trace::v1;
using asio::ip::tcp;

const absl::Duration kPatience = absl::Seconds(20);  // a bound, not a wait

std::vector<Span> OneSpan() { return {{.context = {.trace_id = {1, 2}, .span_id = 3, .sampled = true}, .name = "span"}}; }

class GrpcReceiver final : public otlp::TraceService::Service {
 public:
  GrpcReceiver() {
    grpc::ServerBuilder builder;
    builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port_);
    builder.RegisterService(this);
    server_ = builder.BuildAndStart();
  }

  grpc::Status Export(grpc::ServerContext* context, const otlp::ExportTraceServiceRequest* request,
                      otlp::ExportTraceServiceResponse* response) override {
    names.push_back(request->resource_spans(0).scope_spans(0).spans(0).name());
    const auto header = context->client_metadata().find("x-team");
    if (header != context->client_metadata().end()) team.assign(header->second.data(), header->second.size());
    arrived.set_value();
    if (hang) release.get_future().wait();
    if (status.ok()) response->mutable_partial_success()->set_rejected_spans(1);
    return status;
  }

  std::unique_ptr<SpanExporter> Exporter() const {
    OtlpEndpoint endpoint = ParseOtlpEndpoint(absl::StrCat("http://127.0.0.1:", port_), "grpc").value();
    endpoint.headers = {{"x-team", "mail"}};
    return MakeGrpcSpanExporter(endpoint, MakeResource("test", "1", {})).value();
  }

  std::vector<std::string> names;
  std::string team;
  grpc::Status status;
  bool hang = false;
  std::promise<void> arrived, release;

 private:
  int port_ = 0;
  std::unique_ptr<grpc::Server> server_;
};

TEST(GrpcSpanExporter, SendsSpansAndHeadersAndReadsWhatWasNotTaken) {
  GrpcReceiver receiver;
  const auto outcome = receiver.Exporter()->Export(OneSpan(), SteadyNow() + kPatience);
  EXPECT_TRUE(outcome.status.ok()) << outcome.status;
  EXPECT_EQ(outcome.rejected, 1);
  EXPECT_THAT(receiver.names, testing::ElementsAre("span"));
  EXPECT_EQ(receiver.team, "mail");
}

TEST(GrpcSpanExporter, KnowsAfterWhichErrorsToTryAgain) {
  for (const auto& [code, retry] : {std::pair{grpc::StatusCode::UNAVAILABLE, true},
                                    {grpc::StatusCode::RESOURCE_EXHAUSTED, true},
                                    {grpc::StatusCode::UNAUTHENTICATED, false},
                                    {grpc::StatusCode::INVALID_ARGUMENT, false}}) {
    GrpcReceiver receiver;
    receiver.status = grpc::Status(code, "no");
    const auto outcome = receiver.Exporter()->Export(OneSpan(), SteadyNow() + kPatience);
    EXPECT_FALSE(outcome.status.ok());
    EXPECT_EQ(outcome.retry, retry) << code;
  }
}

TEST(GrpcSpanExporter, EndsAtOnceWhenItIsCancelled) {
  GrpcReceiver receiver;
  receiver.hang = true;
  const auto exporter = receiver.Exporter();
  auto outcome = std::async(std::launch::async, [&] { return exporter->Export(OneSpan(), SteadyNow() + absl::Hours(1)); });
  receiver.arrived.get_future().wait();
  exporter->Cancel();
  EXPECT_FALSE(outcome.get().status.ok());
  EXPECT_FALSE(exporter->Export(OneSpan(), SteadyNow() + absl::Hours(1)).status.ok());
  receiver.release.set_value();
}

TEST(GrpcSpanExporter, WithoutItsCertificatesIsAnError) {
  OtlpEndpoint endpoint = ParseOtlpEndpoint("https://127.0.0.1:1", "grpc").value();
  endpoint.ca_file = "/nonexistent";
  EXPECT_EQ(MakeGrpcSpanExporter(endpoint, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

// Answers the requests of one connection after the other, as the script says; what the script lacks is not answered.
class HttpReceiver {
 public:
  struct Answer {
    http::status status = http::status::ok;
    std::string retry_after = {};
    bool close = false;  // the connection, without a word to the client
  };

  explicit HttpReceiver(std::vector<Answer> script) : script_(std::move(script)) {
    thread_ = std::thread([this] { Run(); });
  }
  ~HttpReceiver() {
    boost::system::error_code ignored;
    asio::io_context context;
    tcp::socket last(context);  // wakes who waits for a connection
    closing_ = true;
    last.connect(acceptor_.local_endpoint(), ignored);
    release_.set_value();
    thread_.join();
  }

  std::unique_ptr<SpanExporter> Exporter() const {
    OtlpEndpoint endpoint =
        ParseOtlpEndpoint(absl::StrCat("http://127.0.0.1:", acceptor_.local_endpoint().port()), "http/protobuf").value();
    endpoint.headers = {{"x-team", "mail"}};
    return MakeHttpSpanExporter(endpoint, MakeResource("test", "1", {})).value();
  }

  std::vector<http::request<http::string_body>> requests;  // to be looked at when their answers are there
  std::atomic<int> connections = 0;
  std::promise<void> unanswered;

 private:
  void Run() {
    for (size_t next = 0; !closing_;) {
      tcp::socket socket(context_);
      boost::system::error_code error;
      acceptor_.accept(socket, error);
      if (closing_) return;
      ++connections;
      boost::beast::flat_buffer buffer;
      while (!error) {
        http::request<http::string_body> request;
        http::read(socket, buffer, request, error);
        if (error) break;
        requests.push_back(std::move(request));
        if (next == script_.size()) {
          unanswered.set_value();
          release_.get_future().wait();
          return;
        }
        const Answer answer = script_[next++];
        http::response<http::string_body> response(answer.status, 11);
        if (!answer.retry_after.empty()) response.set(http::field::retry_after, answer.retry_after);
        otlp::ExportTraceServiceResponse message;
        message.mutable_partial_success()->set_rejected_spans(2);
        response.body() = message.SerializeAsString();
        response.prepare_payload();
        http::write(socket, response, error);
        if (answer.close) break;
      }
    }
  }

  const std::vector<Answer> script_;
  asio::io_context context_;
  tcp::acceptor acceptor_{context_, tcp::endpoint(asio::ip::address_v4::loopback(), 0)};
  std::atomic<bool> closing_ = false;
  std::promise<void> release_;
  std::thread thread_;
};

TEST(HttpSpanExporter, PostsSpansAndHeadersOverOneConnection) {
  HttpReceiver receiver({{}, {}});
  const auto exporter = receiver.Exporter();
  for (int i = 0; i < 2; ++i) {
    const auto outcome = exporter->Export(OneSpan(), SteadyNow() + kPatience);
    ASSERT_TRUE(outcome.status.ok()) << outcome.status;
    EXPECT_EQ(outcome.rejected, 2);
  }
  EXPECT_EQ(receiver.connections, 1);
  ASSERT_EQ(receiver.requests.size(), 2u);
  const auto& request = receiver.requests.front();
  EXPECT_EQ(request.method(), http::verb::post);
  EXPECT_EQ(request.target(), "/v1/traces");
  EXPECT_EQ(request[http::field::content_type], "application/x-protobuf");
  EXPECT_EQ(request["x-team"], "mail");
  otlp::ExportTraceServiceRequest message;
  ASSERT_TRUE(message.ParseFromString(request.body()));
  EXPECT_EQ(message.resource_spans(0).scope_spans(0).spans(0).name(), "span");
}

TEST(HttpSpanExporter, ConnectsAgainWhenAnIdleConnectionIsGone) {
  HttpReceiver receiver({{.close = true}, {}});
  const auto exporter = receiver.Exporter();
  EXPECT_TRUE(exporter->Export(OneSpan(), SteadyNow() + kPatience).status.ok());
  EXPECT_TRUE(exporter->Export(OneSpan(), SteadyNow() + kPatience).status.ok());
  EXPECT_EQ(receiver.connections, 2);
}

TEST(HttpSpanExporter, KnowsAfterWhichAnswersToTryAgainAndWhen) {
  HttpReceiver receiver({{.status = http::status::service_unavailable, .retry_after = "7"},
                         {.status = http::status::too_many_requests},
                         {.status = http::status::unauthorized}});
  const auto exporter = receiver.Exporter();
  const auto away = exporter->Export(OneSpan(), SteadyNow() + kPatience);
  EXPECT_FALSE(away.status.ok());
  EXPECT_TRUE(away.retry);
  EXPECT_EQ(away.retry_after, absl::Seconds(7));
  EXPECT_TRUE(exporter->Export(OneSpan(), SteadyNow() + kPatience).retry);
  const auto refused = exporter->Export(OneSpan(), SteadyNow() + kPatience);
  EXPECT_FALSE(refused.status.ok());
  EXPECT_FALSE(refused.retry);
}

TEST(HttpSpanExporter, EndsAtItsDeadlineAndAtOnceWhenItIsCancelled) {
  HttpReceiver receiver({});
  const auto exporter = receiver.Exporter();
  auto outcome = std::async(std::launch::async, [&] { return exporter->Export(OneSpan(), SteadyNow() + absl::Hours(1)); });
  receiver.unanswered.get_future().wait();
  exporter->Cancel();
  EXPECT_FALSE(outcome.get().status.ok());
  EXPECT_FALSE(exporter->Export(OneSpan(), SteadyNow() + absl::Hours(1)).status.ok());
  const auto late = receiver.Exporter()->Export(OneSpan(), SteadyNow() + absl::Milliseconds(20));  // nobody accepts any more
  EXPECT_TRUE(late.retry);
}

TEST(HttpSpanExporter, SaysSoWhenNobodyListens) {
  const auto endpoint = ParseOtlpEndpoint("http://127.0.0.1:1", "http/protobuf");
  const auto outcome = MakeHttpSpanExporter(*endpoint, {}).value()->Export(OneSpan(), SteadyNow() + kPatience);
  EXPECT_FALSE(outcome.status.ok());
  EXPECT_TRUE(outcome.retry);
}

TEST(HttpSpanExporter, WithoutItsCertificatesIsAnError) {
  OtlpEndpoint endpoint = ParseOtlpEndpoint("https://127.0.0.1:1", "http/protobuf").value();
  endpoint.ca_file = "/nonexistent";
  EXPECT_EQ(MakeHttpSpanExporter(endpoint, {}).status().code(), absl::StatusCode::kInvalidArgument);
}

}  // namespace
}  // namespace verdict
