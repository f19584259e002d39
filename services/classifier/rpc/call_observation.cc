#include "services/classifier/rpc/call_observation.h"

#include <algorithm>
#include <utility>

#include "common/steady_clock.h"
#include "common/utf8.h"
#include "services/classifier/rpc/error_details.h"
#include "services/classifier/rpc/unary_call.h"

namespace verdict {
namespace {

constexpr char kTraceParentKey[] = "traceparent";
constexpr char kTraceStateKey[] = "tracestate";
constexpr size_t kMaxTraceParent = 256;

}  // namespace

std::string ReadTraceParent(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find(kTraceParentKey);
  if (found == context.client_metadata().end() || found->second.size() > kMaxTraceParent) return {};
  return {found->second.data(), found->second.size()};
}

std::string ReadTraceState(const grpc::CallbackServerContext& context) {
  const auto found = context.client_metadata().find(kTraceStateKey);
  if (found == context.client_metadata().end()) return {};
  return UsableTraceState(std::string_view(found->second.data(), found->second.size()));
}

CallObservation::CallObservation(ClassifyObserver* observer, const Caller& caller) : observer_(observer) {
  if (observer_ == nullptr) return;
  caller_ = caller;
  Begin();
}

void CallObservation::Begin() {
  start_ = SteadyNow();
  TraceContext parent = ParseTraceParent(caller_.trace_parent).value_or(TraceContext());
  parent.state = caller_.trace_state;
  trace_ = observer_->OnCallBegun(parent);
}

CallObservation::CallObservation(ClassifyObserver* observer, CallMethod method, const grpc::CallbackServerContext& context,
                                 const std::string& caller)
    : observer_(observer) {
  if (observer_ == nullptr) return;
  caller_ = {.method = method,
             .request_id = ReadRequestId(context),
             .trace_parent = ReadTraceParent(context),
             .trace_state = ReadTraceState(context),
             .name = caller};
  Begin();
}

void CallObservation::Asked(const ClassifyRequest& request) {
  if (observer_ == nullptr) return;
  model_ = request.model;
  model_version_ = request.model_version;
  inputs_ = static_cast<int64_t>(request.inputs.size());
  size_t bytes = observer_->text_bytes();
  for (size_t i = 0; i < request.inputs.size() && bytes > 0; ++i) {
    const std::string_view text = Utf8Prefix(request.inputs[i].text, bytes);
    texts_.emplace_back(text);
    bytes -= std::max<size_t>(text.size(), 1);
  }
}

void CallObservation::End(const absl::StatusOr<ClassifyResponse>& answer) {
  ClassifyObserver* const observer = std::exchange(observer_, nullptr);
  if (observer == nullptr) return;
  FinishedCall call{.method = caller_.method,
                    .request_id = caller_.request_id,
                    .trace_parent = caller_.trace_parent,
                    .caller = caller_.name,
                    .model = model_,
                    .model_version = model_version_,
                    .inputs = inputs_,
                    .start = start_,
                    .end = SteadyNow(),
                    .status = answer.status(),
                    .trace = trace_,
                    .texts = texts_.empty() ? nullptr : &texts_};
  if (answer.ok()) {
    call.model = answer->model;
    call.model_version = answer->model_version;
    call.response = &*answer;
  } else {
    call.reason = ReasonOf(answer.status()).name;
  }
  observer->OnCall(call);
}

}  // namespace verdict
