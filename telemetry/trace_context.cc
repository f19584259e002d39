#include "telemetry/trace_context.h"

#include <algorithm>
#include <array>
#include <random>

namespace verdict {
namespace {

constexpr size_t kTraceParentSize = 55;  // version-trace-span-flags: 2, 32, 16 and 2 digits
constexpr size_t kTraceIdAt = 3;
constexpr size_t kSpanIdAt = 36;
constexpr size_t kFlagsAt = 53;
constexpr uint64_t kSampled = 1;
constexpr size_t kMaxState = 512;

// Lower-case digits alone, as the standard has it; 16 at most.
std::optional<uint64_t> ReadHex(std::string_view digits) {
  uint64_t value = 0;
  for (const char c : digits) {
    const bool decimal = c >= '0' && c <= '9';
    if (!decimal && (c < 'a' || c > 'f')) return std::nullopt;
    value = value << 4 | static_cast<uint64_t>(decimal ? c - '0' : c - 'a' + 10);
  }
  return value;
}

void WriteHex(uint64_t value, char* out) {
  constexpr char kDigits[] = "0123456789abcdef";
  for (int i = 15; i >= 0; --i, value >>= 4) out[i] = kDigits[value & 15];
}

// xoshiro256++ of Blackman and Vigna, 2019 (https://prng.di.unimi.it).
class Generator {
 public:
  Generator() {
    std::random_device system;
    for (uint64_t& word : state_) word = uint64_t{system()} << 32 | system();
  }

  uint64_t Next() {
    const uint64_t result = Rotated(state_[0] + state_[3], 23) + state_[0];
    const uint64_t shifted = state_[1] << 17;
    state_[2] ^= state_[0];
    state_[3] ^= state_[1];
    state_[1] ^= state_[2];
    state_[0] ^= state_[3];
    state_[2] ^= shifted;
    state_[3] = Rotated(state_[3], 45);
    return result;
  }

 private:
  static uint64_t Rotated(uint64_t value, int by) { return value << by | value >> (64 - by); }

  std::array<uint64_t, 4> state_;
};

uint64_t NotZero() {
  thread_local Generator generator;
  uint64_t value = 0;
  while (value == 0) value = generator.Next();
  return value;
}

}  // namespace

std::optional<TraceContext> ParseTraceParent(std::string_view header) {
  if (header.size() < kTraceParentSize) return std::nullopt;
  if (header[2] != '-' || header[kSpanIdAt - 1] != '-' || header[kFlagsAt - 1] != '-') return std::nullopt;
  const auto version = ReadHex(header.substr(0, 2));
  const auto high = ReadHex(header.substr(kTraceIdAt, 16));
  const auto low = ReadHex(header.substr(kTraceIdAt + 16, 16));
  const auto span = ReadHex(header.substr(kSpanIdAt, 16));
  const auto flags = ReadHex(header.substr(kFlagsAt, 2));
  if (!version || !high || !low || !span || !flags || *version == 0xff) return std::nullopt;
  const bool ends = header.size() == kTraceParentSize || (*version > 0 && header[kTraceParentSize] == '-');
  TraceContext context{.trace_id = {*high, *low}, .span_id = *span, .sampled = (*flags & kSampled) != 0};
  if (!ends || !context.valid()) return std::nullopt;
  return context;
}

std::string FormatTraceParent(const TraceContext& context) {
  std::string header = "00-................................-................-0.";
  WriteHex(context.trace_id.high, &header[kTraceIdAt]);
  WriteHex(context.trace_id.low, &header[kTraceIdAt + 16]);
  WriteHex(context.span_id, &header[kSpanIdAt]);
  header.back() = context.sampled ? '1' : '0';
  return header;
}

std::string UsableTraceState(std::string_view header) {
  if (header.size() > kMaxState) return {};
  std::string state(header);
  std::replace(state.begin(), state.end(), '\t', ' ');
  const bool visible = std::all_of(state.begin(), state.end(), [](char c) { return c >= ' ' && c <= '~'; });
  return visible ? state : std::string();
}

std::string ToHex(const TraceId& id) {
  if (id == TraceId{}) return {};
  std::string digits(32, '0');
  WriteHex(id.high, digits.data());
  WriteHex(id.low, digits.data() + 16);
  return digits;
}

std::string ToHex(SpanId id) {
  if (id == 0) return {};
  std::string digits(16, '0');
  WriteHex(id, digits.data());
  return digits;
}

TraceId NewTraceId() { return {NotZero(), NotZero()}; }

SpanId NewSpanId() { return NotZero(); }

}  // namespace verdict
