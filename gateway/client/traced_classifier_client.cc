#include "gateway/client/traced_classifier_client.h"

#include <string>
#include <utility>

#include "common/steady_clock.h"

namespace verdict {
namespace {

Span Begun(const TraceContext& parent, size_t inputs) {
  Span span{.context = Tracer::Child(parent),
            .parent = parent.span_id,
            .kind = Span::Kind::kClient,
            .name = "verdict.v1.Classifier/Classify",
            .start = SteadyNow()};
  span.attributes = {{"rpc.system", std::string("grpc")},
                     {"rpc.service", std::string("verdict.v1.Classifier")},
                     {"rpc.method", std::string("Classify")},
                     {"verdict.inputs", static_cast<int64_t>(inputs)}};
  return span;
}

// To a client every failure is one.
void End(Span& span, const absl::Status& status) {
  span.end = SteadyNow();
  span.attributes.push_back({"rpc.grpc.status_code", static_cast<int64_t>(status.code())});
  if (status.ok()) return;
  span.failed = true;
  span.error = absl::StatusCodeToString(status.code());
  span.attributes.push_back({"error.type", span.error});
}

}  // namespace

CancelCall TracedClassifierClient::Classify(ClassifyCall call, CallOptions options, Done done) {
  auto parent = ParseTraceParent(options.trace_parent);
  if (!parent || !parent->sampled) return client_->Classify(std::move(call), std::move(options), std::move(done));
  parent->state = options.trace_state;
  Span span = Begun(*parent, call.inputs.size());
  options.trace_parent = FormatTraceParent(span.context);
  return client_->Classify(std::move(call), std::move(options),
                           [this, span = std::move(span), done = std::move(done)](absl::StatusOr<ClassifyReply> reply) mutable {
                             End(span, reply.status());
                             tracer_.Record(std::move(span));
                             done(std::move(reply));
                           });
}

}  // namespace verdict
