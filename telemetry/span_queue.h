#pragma once

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <thread>

#include "absl/time/time.h"
#include "telemetry/span.h"
#include "telemetry/span_exporter.h"

namespace verdict {

// Keeps spans until a thread of its own has exported them, in batches. Whoever adds one never waits: when the receiver is slow or
// away, what finds no room is dropped and counted. Thread-safe.
class SpanQueue final : public SpanSink {
 public:
  struct Options {
    size_t capacity = 8192;                         // spans that are kept at most, those being sent included
    size_t batch = 512;                             // of one export at most; so many waiting are sent at once
    absl::Duration delay = absl::Seconds(5);        // how long a span waits for others at most
    absl::Duration timeout = absl::Seconds(10);     // of one try
    int tries = 5;                                  // of one batch, then it is dropped
    absl::Duration first_pause = absl::Seconds(1);  // between two tries; doubles from one to the next
    absl::Duration longest_pause = absl::Seconds(5);
  };

  struct Counts {
    uint64_t exported = 0;
    uint64_t dropped_full = 0;    // found no room
    uint64_t dropped_failed = 0;  // the receiver could not be reached, or would not take them
    uint64_t failed_exports = 0;  // tries
    size_t waiting = 0;           // now
  };

  SpanQueue(std::unique_ptr<SpanExporter> exporter, const Options& options);
  ~SpanQueue() override;  // as Close, without patience

  void Add(Span span) override;

  // Takes no more spans, and exports those that wait until `deadline`, by SteadyNow(); what is left then is dropped, and all of
  // it once a try fails.
  void Close(absl::Time deadline);

  Counts counts() const;

 private:
  using Lock = std::unique_lock<std::mutex>;

  void Run();
  void ExportBatch(Lock& lock);
  void Tell(const absl::Status& status);

  const std::unique_ptr<SpanExporter> exporter_;
  const Options options_;
  mutable std::mutex mutex_;  // guards what follows
  std::condition_variable change_, ended_;
  std::deque<Span> waiting_;
  size_t in_flight_ = 0;
  Counts counts_;
  bool closing_ = false, given_up_ = false, done_ = false;
  bool failing_ = false;  // the last export failed, and the log says so
  std::thread thread_;    // last: starts when everything else is there
};

}  // namespace verdict
