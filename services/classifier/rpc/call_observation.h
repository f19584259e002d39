#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "grpcpp/grpcpp.h"
#include "services/classifier/api/classifier.h"
#include "services/classifier/api/classify_observer.h"

namespace verdict {

// The `traceparent` of a call as it came; empty where there is none, or it is longer than 256 bytes.
std::string ReadTraceParent(const grpc::CallbackServerContext& context);
// Its `tracestate`, where that may be passed on.
std::string ReadTraceState(const grpc::CallbackServerContext& context);

// One call from its arrival to its answer, for an observer. Without one it costs nothing. Movable; used by one thread at a time.
class CallObservation {
 public:
  // Who asks, and since when.
  struct Caller {
    CallMethod method = CallMethod::kClassify;
    std::string request_id;
    std::string trace_parent;
    std::string trace_state = {};
    std::string name = {};  // whose credential the call has; empty: nobody is known
  };

  CallObservation() = default;  // nobody watches
  // Begins now.
  CallObservation(ClassifyObserver* observer, const Caller& caller);
  // The same for a call of its own, and not of a stream.
  CallObservation(ClassifyObserver* observer, CallMethod method, const grpc::CallbackServerContext& context,
                  const std::string& caller = {});

  // The call's own span, for CallContext; not valid: nothing is traced.
  const TraceContext& trace() const { return trace_; }

  // What was asked for, once it could be read.
  void Asked(const ClassifyRequest& request);

  // Tells the observer; the first time counts.
  void End(const absl::StatusOr<ClassifyResponse>& answer);
  void End(const absl::Status& failure) { End(absl::StatusOr<ClassifyResponse>(failure)); }

 private:
  void Begin();

  ClassifyObserver* observer_ = nullptr;
  Caller caller_;
  std::string model_;
  std::string model_version_;
  int64_t inputs_ = 0;
  TraceContext trace_;
  std::vector<std::string> texts_;
  absl::Time start_;
};

}  // namespace verdict
