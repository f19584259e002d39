#include "telemetry/otlp/grpc_span_exporter.h"

#include <fstream>
#include <sstream>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/grpc_status.h"
#include "common/steady_clock.h"
#include "grpcpp/grpcpp.h"
#include "opentelemetry/trace_service.grpc.pb.h"
#include "telemetry/otlp/call_under_way.h"
#include "telemetry/otlp/span_messages.h"

namespace verdict {
namespace {

namespace otlp = opentelemetry::proto::collector::trace::v1;

// The codes after which the protocol lets a sender try again.
bool MayRetry(grpc::StatusCode code) {
  switch (code) {
    case grpc::StatusCode::CANCELLED:
    case grpc::StatusCode::DEADLINE_EXCEEDED:
    case grpc::StatusCode::RESOURCE_EXHAUSTED:
    case grpc::StatusCode::ABORTED:
    case grpc::StatusCode::OUT_OF_RANGE:
    case grpc::StatusCode::UNAVAILABLE:
    case grpc::StatusCode::DATA_LOSS:
      return true;
    default:
      return false;
  }
}

class GrpcSpanExporter final : public SpanExporter {
 public:
  GrpcSpanExporter(const OtlpEndpoint& endpoint, Resource resource, const std::shared_ptr<grpc::ChannelCredentials>& credentials)
      : headers_(endpoint.headers),
        resource_(std::move(resource)),
        stub_(otlp::TraceService::NewStub(Channel(endpoint, credentials))) {}

  Outcome Export(const std::vector<Span>& spans, absl::Time deadline) override {
    const otlp::ExportTraceServiceRequest request = ToMessage(resource_, spans);
    otlp::ExportTraceServiceResponse response;
    grpc::ClientContext context;
    context.set_deadline(ToWallClock(deadline));
    for (const auto& [name, value] : headers_) context.AddMetadata(name, value);
    if (!call_.Begin(context)) return {.status = absl::CancelledError("shutting down")};
    const grpc::Status status = stub_->Export(&context, request, &response);
    call_.End();
    if (status.ok()) return {.status = absl::OkStatus(), .rejected = response.partial_success().rejected_spans()};
    return {.status = FromGrpcStatus(status), .retry = MayRetry(status.error_code())};
  }

  void Cancel() override { call_.Cancel(); }

 private:
  static std::shared_ptr<grpc::Channel> Channel(const OtlpEndpoint& endpoint,
                                                const std::shared_ptr<grpc::ChannelCredentials>& credentials) {
    grpc::ChannelArguments arguments;
    arguments.SetInt(GRPC_ARG_ENABLE_CHANNELZ, 0);
    return grpc::CreateCustomChannel(endpoint.target(), credentials, arguments);
  }

  const std::vector<std::pair<std::string, std::string>> headers_;
  const Resource resource_;
  const std::unique_ptr<otlp::TraceService::Stub> stub_;
  CallUnderWay<grpc::ClientContext> call_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<SpanExporter>> MakeGrpcSpanExporter(const OtlpEndpoint& endpoint, Resource resource) {
  auto credentials = grpc::InsecureChannelCredentials();
  if (endpoint.tls) {
    grpc::SslCredentialsOptions options;
    if (!endpoint.ca_file.empty()) {
      const std::ifstream file(endpoint.ca_file);
      std::ostringstream text;
      text << file.rdbuf();
      if (!file || text.str().empty()) return absl::InvalidArgumentError(absl::StrCat(endpoint.ca_file, " cannot be read"));
      options.pem_root_certs = text.str();
    }
    credentials = grpc::SslCredentials(options);
  }
  return std::make_unique<GrpcSpanExporter>(endpoint, std::move(resource), credentials);
}

}  // namespace verdict
