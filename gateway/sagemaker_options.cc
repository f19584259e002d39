#include "gateway/sagemaker_options.h"

#include <algorithm>
#include <array>
#include <climits>
#include <cstdlib>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gateway/http/content_negotiation.h"
#include "process/cpu_limit.h"

namespace verdict {
namespace {

constexpr char kSafePorts[] = "SAGEMAKER_SAFE_PORT_RANGE";
constexpr char kMaxPayload[] = "SAGEMAKER_MAX_PAYLOAD_IN_MB";
constexpr int kMostMegabytes = 100;

std::string Variable(const char* name) {
  const char* const value = std::getenv(name);
  return value == nullptr ? "" : value;
}

struct PortRange {
  int first, last;
};

std::optional<PortRange> ParseRange(const std::string& text) {
  const std::vector<std::string> parts = absl::StrSplit(text, '-');
  PortRange range{};
  const bool good = parts.size() == 2 && absl::SimpleAtoi(parts[0], &range.first) && absl::SimpleAtoi(parts[1], &range.last) &&
                    range.first >= 1 && range.first <= range.last && range.last <= 65535;
  return good ? std::optional(range) : std::nullopt;
}

// The port of "host:port" or "port"; -1 where there is none.
int PortOf(const std::string& address) {
  int port = -1;
  const size_t colon = address.rfind(':');
  return absl::SimpleAtoi(colon == std::string::npos ? address : address.substr(colon + 1), &port) ? port : -1;
}

// What the operator has chosen, or what suits.
ExecutionParameters Parameters(const SageMakerFlags& flags, uint64_t max_body_bytes) {
  ExecutionParameters parameters = SuggestedParameters(AvailableProcessors(), max_body_bytes);
  if (Variable(kMaxPayload) == "0") parameters.max_payload_mb = 0;  // of any size: in chunks
  if (flags.max_concurrent_transforms > 0) {
    parameters.max_concurrent_transforms = flags.max_concurrent_transforms;
    if (parameters.max_payload_mb > 0) {
      parameters.max_payload_mb = std::clamp(kMostMegabytes / flags.max_concurrent_transforms, 1, parameters.max_payload_mb);
    }
  }
  parameters.batch_strategy = flags.batch_strategy;
  return parameters;
}

void DeclareLimits(OptionParser& parser, SageMakerFlags& flags) {
  parser.Add(
      "batch", flags.batch,
      "Batch transform: every line of a body is a record, of text/plain and application/json, too, and none of CSV has a line "
      "break inside quotes. SageMaker sets it itself",
      {"SAGEMAKER_BATCH"});
  parser
      .Add("batch-concurrency", flags.batch_concurrency,
           "Calls to the service under way at once for one body of records, 64 texts each. More help a service with many "
           "processors, and cost the other callers their turn")
      ->check(CLI::Range(1, 64));
  parser
      .Add("max-record-bytes", flags.max_record_bytes,
           "A longer record becomes an error line. A few of this size are held in memory for each body of records")
      ->check(CLI::Range(uint64_t{1024}, uint64_t{1} << 26));
  parser
      .Add("max-spill-bytes", flags.max_spill_bytes,
           "Answers to records that their caller does not read yet, because it sends first, go to a file without a name in "
           "$TMPDIR or /tmp, this much for all requests together; then reading stops until it reads. 0: no file, reading stops "
           "at once")
      ->check(CLI::NonNegativeNumber);
}

}  // namespace

void DeclareSageMakerOptions(OptionParser& parser, SageMakerFlags& flags) {
  DeclareLimits(parser, flags);
  parser.Add("default-accept", flags.default_accept,
             "The answer's media type on /invocations where Accept is missing or */*: application/json, application/jsonlines or "
             "text/csv; empty: that of the request",
             {"SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT"});
  parser
      .Add("max-concurrent-transforms", flags.max_concurrent_transforms,
           "What /execution-parameters tells batch transform to have under way at once; 0: one for each processor, within 100 MB",
           {"SAGEMAKER_MAX_CONCURRENT_TRANSFORMS"})
      ->check(CLI::Range(0, INT_MAX));
  parser
      .Add(
          "batch-strategy", flags.batch_strategy,
          "What /execution-parameters tells of BatchStrategy: MultiRecord or SingleRecord, MULTI_RECORD or SINGLE_RECORD; empty: "
          "nothing, which suits both SageMaker and its SDK's local mode",
          {"SAGEMAKER_BATCH_STRATEGY"})
      ->check(CLI::IsMember({"", "MultiRecord", "SingleRecord", "MULTI_RECORD", "SINGLE_RECORD"}));
}

absl::Status ApplySageMakerFlags(const SageMakerFlags& flags, Gateway::Options& options) {
  if (!flags.default_accept.empty() && !IsRecordType(ParseMediaType(flags.default_accept).type)) {
    return absl::InvalidArgumentError(
        absl::StrCat("--default-accept: \"", flags.default_accept,
                     "\" is not written here; use application/json, application/jsonlines or text/csv"));
  }
  RecordSettings& records = options.dialects.sagemaker.records;
  records.batch = flags.batch;
  records.default_accept = flags.default_accept;
  records.limits.record_bytes = flags.max_record_bytes;
  options.dialects.sagemaker.execution = Parameters(flags, options.http.limits.body_bytes);
  options.http.limits.spill_bytes = flags.max_spill_bytes;
  options.records.calls.concurrency = flags.batch_concurrency;
  options.records.max_document_bytes = options.http.limits.body_bytes;
  options.records.body_memory = options.http.limits.body_memory;
  options.records.inflight_body_bytes = options.http.limits.inflight_body_bytes;
  return absl::OkStatus();
}

absl::Status ReadModelServerTimeout(int& request_timeout_ms) {
  constexpr std::array<const char*, 2> kNames = {"SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS", "SAGEMAKER_MODEL_SERVER_TIMEOUT"};
  for (const char* name : kNames) {
    const std::string text = Variable(name);
    if (text.empty()) continue;
    int seconds;
    if (!absl::SimpleAtoi(text, &seconds) || seconds < 1 || seconds > INT_MAX / 1000) {
      return absl::InvalidArgumentError(absl::StrCat(name, " must be a positive number of seconds, not \"", text, "\""));
    }
    request_timeout_ms = seconds * 1000;
    return absl::OkStatus();
  }
  return absl::OkStatus();
}

absl::Status MoveIntoSafePorts(const std::string& http_listen, std::string& grpc_listen) {
  const std::string text = Variable(kSafePorts);
  if (text.empty() || grpc_listen.empty() || absl::StartsWith(grpc_listen, "unix")) return absl::OkStatus();
  const auto range = ParseRange(text);
  if (!range)
    return absl::InvalidArgumentError(absl::StrCat(kSafePorts, " must be two ports, \"XXXX-YYYY\", not \"", text, "\""));
  const int port = PortOf(grpc_listen);
  if (port >= range->first && port <= range->last) return absl::OkStatus();
  const int moved = range->first == PortOf(http_listen) ? range->first + 1 : range->first;
  if (moved > range->last)
    return absl::InvalidArgumentError(absl::StrCat(kSafePorts, " \"", text, "\" has no port left for gRPC beside that of HTTP"));
  const size_t colon = grpc_listen.rfind(':');
  const std::string host = colon == std::string::npos ? "" : grpc_listen.substr(0, colon + 1);
  grpc_listen = absl::StrCat(host, moved);
  return absl::OkStatus();
}

}  // namespace verdict
