#pragma once

#include <cstdint>
#include <memory>

#include "gateway/dialects/dialect.h"
#include "gateway/http/body_memory.h"
#include "gateway/http/http_handler.h"
#include "gateway/http/http_stream.h"
#include "gateway/record_calls.h"
#include "gateway/service_access.h"

namespace verdict {

// Joins a route for bodies of records with the service: the body becomes records as it arrives, the records calls, and the
// answers are written in the order of the records, one for each. A record that cannot be read or classified becomes an error in
// its place. What is kept of a request is bounded: while its answers wait, its body is not read.
//
// A body of JSON in batch transform may also be one document of any contract: what is no record of ours `document_handler`
// answers; such a document has at most `max_document_bytes`, and as long as it may be one, a body takes of `body_memory`.
struct RecordStreamOptions {
  RecordCallLimits calls;
  uint64_t max_document_bytes = 25 << 20;
  std::shared_ptr<BodyMemory> body_memory = std::make_shared<BodyMemory>();
  uint64_t inflight_body_bytes = uint64_t{1} << 30;  // the most that may be held of it; more: 429
};
StreamRoute MakeRecordStream(RecordRoute route, ServiceAccess service, RecordStreamOptions options, HttpHandler document_handler);

}  // namespace verdict
