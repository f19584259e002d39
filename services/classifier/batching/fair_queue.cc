#include "services/classifier/batching/fair_queue.h"

#include <algorithm>
#include <limits>

namespace verdict {

int64_t FairQueue::LeastServed() const {
  int64_t least = std::numeric_limits<int64_t>::max();
  for (const auto& [name, client] : clients_) least = std::min(least, client.served);
  return clients_.empty() ? 0 : least;
}

void FairQueue::Push(std::shared_ptr<Job> job) {
  job->waiting_tokens = 0;
  for (size_t i = job->next; i < job->sequences.size(); ++i) job->waiting_tokens += job->tokens(i);
  sequences_ += static_cast<int64_t>(job->sequences.size() - job->next);
  tokens_ += job->waiting_tokens;
  const int64_t least = LeastServed();
  const auto [place, is_new] = clients_.try_emplace(job->context.client);
  Client& client = place->second;
  if (is_new) client.served = least;
  client.tokens += job->waiting_tokens;
  client.long_jobs += IsLong(*job);
  const Place at{job->due, arrivals_++};
  client.jobs.emplace(at, std::move(job));
  first_ = clients_.end();
}

void FairQueue::FindFirst() {
  if (first_ != clients_.end()) return;
  const int64_t most = LeastServed() + kTurn;
  for (auto each = clients_.begin(); each != clients_.end(); ++each) {
    if (each->second.served > most) continue;
    if (first_ == clients_.end() || each->second.jobs.begin()->first < first_->second.jobs.begin()->first) first_ = each;
  }
}

const std::shared_ptr<Job>& FairQueue::First() {
  FindFirst();
  return first_->second.jobs.begin()->second;
}

void FairQueue::Forget(Job& job, int64_t tokens) {
  tokens_ -= tokens;
  first_->second.tokens -= tokens;
  job.waiting_tokens -= tokens;
}

void FairQueue::RemoveJob() {
  Client& client = first_->second;
  client.long_jobs -= IsLong(*client.jobs.begin()->second);
  client.jobs.erase(client.jobs.begin());
  if (client.jobs.empty()) clients_.erase(first_);
}

BatchItem FairQueue::TakeSequence() {
  BatchItem item{First(), 0};
  Job& job = *item.job;
  Client& client = first_->second;
  item.index = job.next++;
  const int64_t tokens = job.tokens(item.index);
  --sequences_;
  Forget(job, tokens);
  client.served += tokens;
  job.turn_tokens += tokens;
  if (job.next == job.sequences.size()) {
    RemoveJob();
  } else if (job.turn_tokens >= kTurn) {
    job.due = std::min(job.due + job.turn_tokens * job.spread, std::max(job.due, job.context.deadline));
    job.turn_tokens = 0;
    auto moved = client.jobs.extract(client.jobs.begin());
    moved.key().first = job.due;
    client.jobs.insert(std::move(moved));
  }
  first_ = clients_.end();
  return item;
}

void FairQueue::Drop() {
  Job& job = *First();
  sequences_ -= static_cast<int64_t>(job.sequences.size() - job.next);
  Forget(job, job.waiting_tokens);
  RemoveJob();
  first_ = clients_.end();
}

// What of a job is due by then.
int64_t FairQueue::TokensBefore(const Job& job, absl::Time due) {
  if (job.due > due) return 0;
  if (!IsLong(job) || due >= job.context.deadline) return job.waiting_tokens;
  const double later = absl::FDivDuration(due - job.due, job.spread);
  return static_cast<int64_t>(std::min(static_cast<double>(job.waiting_tokens), static_cast<double>(kTurn) + later));
}

int64_t FairQueue::TokensBefore(const Client& client, absl::Time due) {
  int64_t tokens = client.tokens;
  // From the end: most requests are due after almost all that wait.
  for (auto each = client.jobs.rbegin(); each != client.jobs.rend(); ++each) {
    if (each->first.first <= due && client.long_jobs == 0) break;
    tokens -= each->second->waiting_tokens - TokensBefore(*each->second, due);
  }
  return tokens;
}

int64_t FairQueue::TokensAhead(const Demand& demand) const {
  const int64_t later = std::max<int64_t>(demand.tokens - kTurn, 0);
  const absl::Time due = std::min(demand.due + later * demand.spread, std::max(demand.due, demand.deadline));
  const auto own = clients_.find(demand.client);
  const int64_t ahead = own == clients_.end() ? 0 : TokensBefore(own->second, due);
  // Another client gets as much as this one meanwhile, and a turn more: that of it which is due before, or all of it once this
  // one has to stand back.
  const int64_t most = ahead + demand.tokens + kTurn;
  int64_t of_others = 0;
  for (auto each = clients_.begin(); each != clients_.end(); ++each) {
    if (each == own) continue;
    const int64_t wanted = ahead + demand.tokens > kTurn ? each->second.tokens : TokensBefore(each->second, due);
    of_others += std::min(wanted, most);
  }
  return ahead + of_others;
}

}  // namespace verdict
