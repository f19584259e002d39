#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "absl/time/time.h"
#include "common/unread_answers.h"
#include "gateway/http/body_memory.h"
#include "gateway/http/output_backlog.h"

namespace verdict {

// What one caller may use up. The defaults suit a load balancer in front.
struct HttpLimits {
  uint32_t header_bytes = 32 * 1024;                  // more: 431
  uint64_t body_bytes = 25 * 1024 * 1024;             // more: 413
  absl::Duration header_timeout = absl::Seconds(10);  // from a header's first byte to its last; later: 408
  absl::Duration body_timeout = absl::Seconds(60);    // for the whole body, and for sending an answer; later: 408.
                                                      // Of a stream: without a byte in either direction
  uint64_t body_rate = 500;                           // bytes a second; a body that is slower after its first
  absl::Duration body_grace = absl::Seconds(20);      // seconds: 408
  absl::Duration idle_timeout = absl::Seconds(75);    // until a request begins; later: closed
  absl::Duration linger = absl::Seconds(2);           // how long an unread body is read and dropped, so that the answer arrives
  absl::Duration drain_grace = absl::Milliseconds(500);  // how long an idle connection may still begin a request while draining
  int max_connections = 10000;                           // more: 429
  int max_connections_per_address = 0;                   // more: 429; 0: no limit
  uint64_t inflight_body_bytes = uint64_t{1} << 30;      // of all bodies in memory; more: 429
  std::shared_ptr<BodyMemory> body_memory = std::make_shared<BodyMemory>();  // what counts them; copies of these limits share it
  // Whole answers that are being sent, and more than fits a socket's buffer: how many bytes of them there may be.
  std::shared_ptr<UnreadAnswers> unread_answers = std::make_shared<UnreadAnswers>(int64_t{1} << 30);
  size_t backlog_bytes = 1024 * 1024;           // of a streamed answer in memory, until its caller reads it
  uint64_t spill_bytes = uint64_t{1024} << 20;  // of all such answers in temporary files, while their requests arrive
  std::shared_ptr<SpillUse> spill_use = std::make_shared<SpillUse>();  // what counts them; copies of these limits share it
};

}  // namespace verdict
