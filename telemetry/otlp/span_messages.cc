#include "telemetry/otlp/span_messages.h"

#include <utility>

#include "absl/strings/numbers.h"
#include "common/utf8.h"

namespace verdict {
namespace {

namespace otlp = opentelemetry::proto::collector::trace::v1;

// Above the eight bits of traceparent's flags.
constexpr uint32_t kSampled = 1;
constexpr uint32_t kRemoteIsKnown = 1 << 8;
constexpr uint32_t kRemote = 1 << 9;

std::string BigEndian(uint64_t value) {
  std::string bytes(8, '\0');
  for (size_t i = 8; i-- > 0; value >>= 8) bytes[i] = static_cast<char>(value & 0xff);
  return bytes;
}

std::string Bytes(const TraceId& id) { return BigEndian(id.high) + BigEndian(id.low); }

// A receiver refuses a batch for one bad byte.
std::string Utf8(std::string_view text) {
  std::string out;
  while (const auto bad = FindInvalidUtf8(text)) {
    out.append(text.substr(0, *bad)).append("\xEF\xBF\xBD");
    text.remove_prefix(*bad + 1);
  }
  return out.append(text);
}

otlp::SpanKind KindOf(Span::Kind kind) {
  switch (kind) {
    case Span::Kind::kInternal:
      return otlp::SPAN_KIND_INTERNAL;
    case Span::Kind::kServer:
      return otlp::SPAN_KIND_SERVER;
    case Span::Kind::kClient:
      return otlp::SPAN_KIND_CLIENT;
  }
  return otlp::SPAN_KIND_UNSPECIFIED;
}

void Set(otlp::AnyValue& to, const std::string& value) { to.set_string_value(Utf8(value)); }
void Set(otlp::AnyValue& to, int64_t value) { to.set_int_value(value); }
void Set(otlp::AnyValue& to, double value) { to.set_double_value(value); }
void Set(otlp::AnyValue& to, bool value) { to.set_bool_value(value); }

// What an operator calls by the convention's name need not be what the convention means by it.
void SetResourceValue(otlp::AnyValue& to, const std::string& key, const std::string& value) {
  int64_t number = 0;
  if (key == "process.pid" && absl::SimpleAtoi(value, &number)) return Set(to, number);
  Set(to, value);
}

void AddAttribute(otlp::KeyValue& to, const SpanAttribute& attribute) {
  to.set_key(std::string(attribute.key));
  std::visit([&to](const auto& value) { Set(*to.mutable_value(), value); }, attribute.value);
}

void AddLink(otlp::Link& to, const SpanLink& link) {
  to.set_trace_id(Bytes(link.trace_id));
  to.set_span_id(BigEndian(link.span_id));
  to.set_flags(kRemoteIsKnown | (link.sampled ? kSampled : 0));
}

void AddSpan(otlp::Span& to, const Span& span) {
  to.set_trace_id(Bytes(span.context.trace_id));
  to.set_span_id(BigEndian(span.context.span_id));
  to.set_trace_state(span.context.state);
  if (span.parent != 0) to.set_parent_span_id(BigEndian(span.parent));
  to.set_name(Utf8(span.name));
  to.set_kind(KindOf(span.kind));
  to.set_start_time_unix_nano(static_cast<uint64_t>(absl::ToUnixNanos(span.start)));
  to.set_end_time_unix_nano(static_cast<uint64_t>(absl::ToUnixNanos(span.end)));
  for (const SpanAttribute& attribute : span.attributes) AddAttribute(*to.add_attributes(), attribute);
  for (const SpanLink& link : span.links) AddLink(*to.add_links(), link);
  to.set_dropped_links_count(static_cast<uint32_t>(span.dropped_links));
  to.set_flags(kSampled | kRemoteIsKnown | (span.remote_parent ? kRemote : 0));
  if (!span.failed) return;
  to.mutable_status()->set_code(otlp::STATUS_CODE_ERROR);
  to.mutable_status()->set_message(Utf8(span.error));
}

}  // namespace

otlp::ExportTraceServiceRequest ToMessage(const Resource& resource, const std::vector<Span>& spans) {
  otlp::ExportTraceServiceRequest message;
  otlp::ResourceSpans& all = *message.add_resource_spans();
  for (const auto& [key, value] : resource.attributes) {
    otlp::KeyValue& attribute = *all.mutable_resource()->add_attributes();
    attribute.set_key(Utf8(key));
    SetResourceValue(*attribute.mutable_value(), key, value);
  }
  otlp::ScopeSpans& scope = *all.add_scope_spans();
  scope.mutable_scope()->set_name("verdict");
  scope.mutable_scope()->set_version(resource.version);
  for (const Span& span : spans) AddSpan(*scope.add_spans(), span);
  return message;
}

}  // namespace verdict
