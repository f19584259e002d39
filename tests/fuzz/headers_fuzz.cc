// What is read out of the header of a request: lines "Name: value" until an empty one, then a body, which may be of a form. The
// first line is the target.
#include <string>

#include "common/utf8.h"
#include "gateway/dialects/multipart.h"
#include "gateway/http/accept.h"
#include "gateway/http/ascii.h"
#include "gateway/http/content_negotiation.h"
#include "gateway/http/cors.h"
#include "gateway/http/header_parameters.h"
#include "gateway/http/path_pattern.h"
#include "gateway/http/query_string.h"
#include "gateway/http/trace_context.h"
#include "gateway/records/record_formats.h"
#include "telemetry/trace_context.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {
namespace {

HttpRequest ReadRequest(FuzzInput& input) {
  HttpRequest request;
  request.method = "POST";
  const std::string_view target = input.Line();
  const size_t query = target.find('?');
  request.path = target.substr(0, query);
  if (query != std::string_view::npos) request.query = target.substr(query + 1);
  while (!input.Rest().empty()) {
    const std::string_view line = input.Line();
    if (line.empty()) break;
    const size_t colon = line.find(':');
    if (colon == std::string_view::npos || line.find('\r') != std::string_view::npos) continue;
    request.headers.Add(line.substr(0, colon), StripSpace(line.substr(colon + 1)));
  }
  request.body = input.Rest();
  return request;
}

void CheckTarget(const HttpRequest& request) {
  static const PathPattern kPatterns[] = {PathPattern("/invocations"), PathPattern("/v2/models/{model}/infer"),
                                          PathPattern("/v2/models/{model}/versions/{version}/infer"),
                                          PathPattern("/v1/models/{model}:predict")};
  for (const PathPattern& pattern : kPatterns) {
    const auto found = pattern.Match(request.path);
    if (!found) continue;
    for (const auto& [name, value] : *found) {
      Expect(!value.empty() && !FindInvalidUtf8(value), "a path parameter is text");
      Expect(value.size() <= request.path.size(), "decoding does not grow");
    }
  }
  for (const char* name : {"limit", "next_page_token", ""}) {
    const auto value = QueryParameter(request.query, name);
    Expect(!value || value->size() <= request.query.size(), "decoding does not grow");
  }
}

void CheckAccept(const HttpRequest& request) {
  int before = 1000;
  for (const MediaRange& range : ParseAccept(request)) {
    Expect(range.weight >= 0 && range.weight <= before, "media ranges come by weight");
    Expect(!range.type.empty(), "a media range has a type");
    before = range.weight;
    MediaParameter(range.parameters, "header");
  }
}

void CheckTrace(const HttpRequest& request) {
  const std::string_view parent = TraceParent(request);
  Expect(parent.empty() || parent.size() == 55, "a trace parent has 55 characters");
  if (!parent.empty()) Expect(ParseTraceParent(parent).has_value(), "what is taken for a traceparent is one");
  Expect(InferenceId(request).size() <= 64, "an inference id is short");
}

void CheckCors(const HttpRequest& request) {
  CorsPolicy policy;
  policy.origins = {"https://example.com", "*"};
  policy.credentials = true;
  HttpHeaders headers;
  AddCorsHeaders(policy, request, headers);
  if (IsPreflight(request)) headers = AnswerPreflight(policy, request).headers;
  headers.ForEach([](std::string_view, std::string_view value) {
    Expect(value.find_first_of("\r\n") == std::string_view::npos, "an answer's header is one line");
  });
}

void CheckParameters(std::string_view header) {
  for (const HeaderParameter& parameter : ReadHeaderParameters(header)) {
    Expect(!parameter.name.empty(), "a parameter has a name");
    Expect(parameter.name.size() + parameter.value.size() < header.size(), "parameters are no longer than their header");
    Expect(FindHeaderParameter(header, parameter.name).has_value(), "a parameter is found by its name");
  }
}

}  // namespace

void Fuzz(std::string_view bytes) {
  FuzzInput input(bytes);
  const HttpRequest request = ReadRequest(input);
  CheckTarget(request);
  CheckAccept(request);
  CheckTrace(request);
  CheckCors(request);
  request.headers.ForEach([](std::string_view, std::string_view value) { CheckParameters(value); });
  (void)RefuseUnlessJson(request);
  (void)RefuseUnlessUtf8(request);
  for (const bool batch : {false, true}) {
    RecordSettings settings;
    settings.batch = batch;
    if (HasRecords(request, settings)) (void)ReadRecordHead(request, settings);
    (void)DocumentFormat(request, settings);
  }
  const auto parts = ReadMultipart(request.headers.Find("Content-Type").value_or(""), request.body);
  if (const auto* found = std::get_if<std::vector<FormPart>>(&parts)) {
    size_t size = 0;
    for (const FormPart& part : *found) size += part.body.size();
    Expect(found->size() <= kMaxParts && size <= request.body.size(), "parts are parts of the body");
  }
}

}  // namespace verdict
