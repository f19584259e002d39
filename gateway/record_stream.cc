#include "gateway/record_stream.h"

#include <memory>
#include <utility>

#include "gateway/call_context.h"
#include "gateway/document_sink.h"
#include "gateway/record_sink.h"

namespace verdict {
namespace {

// What all requests of a route share.
struct Shared {
  RecordRoute route;
  ServiceAccess service;
  RecordStreamOptions options;
  HttpHandler document_handler;
};

std::unique_ptr<StreamSink> Refuse(const RecordRoute& route, const HttpRequest& head, HttpStream& stream,
                                   const Problem& problem) {
  RefuseStream(stream, head, problem, route.write_problem);
  return nullptr;
}

std::unique_ptr<StreamSink> MakeDocumentSink(const std::shared_ptr<Shared>& shared, RecordSink::Setup lines) {
  const HttpRequest& head = lines.head;
  HttpStream& stream = lines.stream;
  const auto setup = std::make_shared<RecordSink::Setup>(std::move(lines));
  return std::make_unique<DocumentSink>(
      DocumentSink::Setup{.head = head,
                          .stream = stream,
                          .make_lines = [setup] { return std::make_unique<RecordSink>(std::move(*setup)); },
                          .document_handler = shared->document_handler,
                          .write_problem = shared->route.write_problem,
                          .max_document_bytes = shared->options.max_document_bytes,
                          .memory = *shared->options.body_memory,
                          .inflight_body_bytes = shared->options.inflight_body_bytes});
}

std::unique_ptr<StreamSink> Open(const std::shared_ptr<Shared>& shared, const HttpRequest& head, HttpStream& stream) {
  const RecordRoute& route = shared->route;
  const ProblemOr<absl::Duration> timeout = ReadTimeout(head, shared->service.request_timeout);
  if (const auto* problem = std::get_if<Problem>(&timeout)) return Refuse(route, head, stream, *problem);
  ProblemOr<RecordReading> reading = route.read(head);
  if (const auto* problem = std::get_if<Problem>(&reading)) return Refuse(route, head, stream, *problem);
  const bool maybe_document = std::get<RecordReading>(reading).maybe_document;
  RecordSink::Setup setup{.head = head,
                          .stream = stream,
                          .reading = std::get<RecordReading>(std::move(reading)),
                          .write_problem = route.write_problem,
                          .client = shared->service.client,
                          .limits = shared->options.calls};
  setup.limits.timeout = std::get<absl::Duration>(timeout);
  if (maybe_document) return MakeDocumentSink(shared, std::move(setup));
  return std::make_unique<RecordSink>(std::move(setup));
}

}  // namespace

StreamRoute MakeRecordStream(RecordRoute route, ServiceAccess service, RecordStreamOptions options,
                             HttpHandler document_handler) {
  const auto takes = route.takes;
  const auto shared =
      std::make_shared<Shared>(Shared{std::move(route), std::move(service), options, std::move(document_handler)});
  return {takes, [shared](const HttpRequest& head, HttpStream& stream) { return Open(shared, head, stream); }};
}

}  // namespace verdict
