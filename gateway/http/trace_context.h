#pragma once

#include <string_view>

#include "gateway/http/http_message.h"

namespace verdict {

// What a caller's request belongs to, in its own books. The views live as long as the request.

// X-Amzn-SageMaker-Inference-Id; empty where there is none of up to 64 visible ASCII characters.
std::string_view InferenceId(const HttpRequest& request);

// The W3C trace context: the header `traceparent`, else what follows "traceparent=" or "traceparent:" in
// X-Amzn-SageMaker-Custom-Attributes, because SageMaker passes no other header on. Its first 55 characters where they are well
// formed, else empty.
std::string_view TraceParent(const HttpRequest& request);

// The header `tracestate` that goes with it; empty where there is none that may be passed on.
std::string TraceState(const HttpRequest& request);

}  // namespace verdict
