#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "absl/time/time.h"
#include "services/classifier/batching/job.h"

namespace verdict {

// One sequence of a job.
struct BatchItem {
  std::shared_ptr<Job> job;
  size_t index;
};

// What waits for the lanes, in the order in which it is taken. Whose job is due first goes first, with two exceptions that keep
// anybody from taking everything:
//   - a client (CallContext::client) that has had a turn's tokens more than another client that waits stands back;
//   - a job of more than a turn's tokens is due by and by: each token that it has had makes the rest due `spread` later, until
//     its deadline, so that what comes meanwhile goes between.
// Not thread-safe.
class FairQueue {
 public:
  static constexpr int64_t kTurn = 256;  // tokens: some ten texts

  // What a request asks for.
  struct Demand {
    const std::string& client;
    absl::Time due;
    int64_t tokens = 0;
    absl::Duration spread = absl::ZeroDuration();
    absl::Time deadline = absl::InfiniteFuture();
  };

  bool empty() const { return clients_.empty(); }
  int64_t sequences() const { return sequences_; }
  int64_t tokens() const { return tokens_; }
  // Whether more than one job waits.
  bool contended() const { return clients_.size() > 1 || (!empty() && clients_.begin()->second.jobs.size() > 1); }

  // Takes a job with all its sequences; reads its due, spread and context.
  void Push(std::shared_ptr<Job> job);

  // The job that is next. The queue is not empty, here and below.
  const std::shared_ptr<Job>& First();
  // Takes the next sequence of First().
  BatchItem TakeSequence();
  // Takes First() out with all it has left.
  void Drop();

  // Tokens that are computed before the last of such a request is, its own not counted, if nothing else came.
  int64_t TokensAhead(const Demand& demand) const;

 private:
  // When it is due, then in order of arrival.
  using Place = std::pair<absl::Time, uint64_t>;
  struct Client {
    std::map<Place, std::shared_ptr<Job>> jobs;  // never empty
    int64_t tokens = 0;                          // that wait
    int64_t served = 0;                          // since it waits, with a start at the least of the others
    int64_t long_jobs = 0;                       // that may be due by and by
  };
  using Clients = std::map<std::string, Client>;

  void FindFirst();
  int64_t LeastServed() const;
  void Forget(Job& job, int64_t tokens);
  void RemoveJob();
  static int64_t TokensBefore(const Client& client, absl::Time due);
  static int64_t TokensBefore(const Job& job, absl::Time due);
  static bool IsLong(const Job& job) { return job.logits.rows > 1 && job.spread > absl::ZeroDuration(); }

  Clients clients_;
  int64_t sequences_ = 0, tokens_ = 0;
  uint64_t arrivals_ = 0;
  Clients::iterator first_ = clients_.end();  // whose turn it is; end(): not known
};

}  // namespace verdict
