#include "gateway/http/trace_context.h"

#include <algorithm>

#include "gateway/http/ascii.h"
#include "telemetry/trace_context.h"

namespace verdict {
namespace {

constexpr std::string_view kName = "traceparent";
constexpr size_t kTraceParentSize = 55;  // version-trace-span-flags: 2, 32, 16 and 2 digits
constexpr size_t kTraceIdAt = 3;
constexpr size_t kTraceIdSize = 32;
constexpr size_t kSpanIdAt = 36;
constexpr size_t kFlagsAt = 53;
constexpr size_t kMaxInferenceId = 64;

bool IsHex(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return (c >= '0' && c <= '9') || (c >= 'a' && c <= 'f'); });
}

bool IsId(std::string_view text) { return IsHex(text) && text.find_first_not_of('0') != std::string_view::npos; }

std::string_view WellFormed(std::string_view value) {
  const std::string_view parent = value.substr(0, kTraceParentSize);
  if (parent.size() < kTraceParentSize) return {};
  const bool good = parent[2] == '-' && parent[kSpanIdAt - 1] == '-' && parent[kFlagsAt - 1] == '-' &&
                    IsHex(parent.substr(0, 2)) && parent.substr(0, 2) != "ff" && IsId(parent.substr(kTraceIdAt, kTraceIdSize)) &&
                    IsId(parent.substr(kSpanIdAt, 16)) && IsHex(parent.substr(kFlagsAt));
  const bool ends = value.size() == kTraceParentSize || !IsHex(value.substr(kTraceParentSize, 1));
  return good && ends ? parent : std::string_view();
}

}  // namespace

std::string_view InferenceId(const HttpRequest& request) {
  const auto id = request.headers.Find("X-Amzn-SageMaker-Inference-Id");
  return id && IsVisibleId(*id, kMaxInferenceId) ? *id : std::string_view();
}

std::string_view TraceParent(const HttpRequest& request) {
  if (const auto header = request.headers.Find(kName)) return WellFormed(*header);
  const auto attributes = request.headers.Find("X-Amzn-SageMaker-Custom-Attributes");
  if (!attributes) return {};
  const size_t at = attributes->find(kName);
  if (at == std::string_view::npos) return {};
  std::string_view rest = attributes->substr(at + kName.size());
  if (rest.starts_with('"')) rest.remove_prefix(1);  // the attributes may be JSON
  if (!rest.starts_with('=') && !rest.starts_with(':')) return {};
  rest = StripSpace(rest.substr(1));
  if (rest.starts_with('"')) rest.remove_prefix(1);
  return WellFormed(rest);
}

std::string TraceState(const HttpRequest& request) {
  const auto header = request.headers.Find("tracestate");
  return header ? UsableTraceState(*header) : std::string();
}

}  // namespace verdict
