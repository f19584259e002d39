#include "gateway/record_calls.h"

#include <algorithm>
#include <utility>

#include "common/steady_clock.h"
#include "gateway/call_context.h"
#include "gateway/http/rpc_status.h"

namespace verdict {
namespace {

bool IsBusyOrAway(const absl::Status& status) {
  return status.code() == absl::StatusCode::kResourceExhausted || status.code() == absl::StatusCode::kUnavailable;
}

// What lies with the service or the model, whichever records are asked about.
bool ConcernsAll(const absl::Status& status) {
  return status.code() == absl::StatusCode::kUnavailable || status.code() == absl::StatusCode::kNotFound;
}

}  // namespace

RecordCalls::~RecordCalls() {
  for (auto& [id, call] : under_way_) {
    if (call.cancel) call.cancel();
  }
}

void RecordCalls::Start(InputGroup& group) {
  group.open = group.inputs.size();
  group.outcomes.resize(group.inputs.size());
  waiting_.push_back({&group, 0, group.inputs.size()});
  StartWaiting();
}

void RecordCalls::StartWaiting() {
  while (!waiting_.empty() && under_way_.size() < static_cast<size_t>(setup_.limits.concurrency)) {
    const uint64_t id = next_id_++;
    under_way_.emplace(id, std::move(waiting_.front()));
    waiting_.pop_front();
    Send(id);
  }
}

void RecordCalls::Send(uint64_t id) {
  Call& call = under_way_.at(id);
  if (call.begun == absl::InfinitePast()) {
    call.begun = SteadyNow();
    call.deadline = call.begun + setup_.limits.timeout;
  }
  ClassifyCall message = setup_.call;
  const auto first = call.group->inputs.begin() + static_cast<std::ptrdiff_t>(call.first);
  message.inputs.assign(first, first + static_cast<std::ptrdiff_t>(call.count));
  CallOptions options = setup_.options;
  options.deadline = call.deadline;
  // What comes back is dropped by the executor once the exchange, and with it this object, is gone.
  call.cancel =
      setup_.client.Classify(std::move(message), std::move(options),
                             [this, id, executor = setup_.stream.executor()](absl::StatusOr<ClassifyReply> reply) {
                               executor([this, id, reply = std::move(reply)]() mutable { Replied(id, std::move(reply)); });
                             });
}

void RecordCalls::Replied(uint64_t id, absl::StatusOr<ClassifyReply> reply) {
  Call& call = under_way_.at(id);
  if (!reply.ok() && MayRetry(call, reply.status())) return RetryLater(id);
  Call ended = std::move(call);
  under_way_.erase(id);
  if (reply.ok()) {
    Succeeded(ended, *reply);
  } else if (reply.status().code() == absl::StatusCode::kInvalidArgument && ended.count > 1) {
    Divide(ended);
  } else {
    Failed(ended, reply.status());
  }
  StartWaiting();
  if (ended.group->open == 0) setup_.changed();
}

void RecordCalls::Succeeded(Call& call, ClassifyReply& reply) {
  away_ = false;
  model_ = reply.model;
  if (!IsComplete(reply, call.count)) return Failed(call, absl::InternalError("the service answered without a label"));
  for (size_t i = 0; i < call.count; ++i) call.group->outcomes[call.first + i].result = std::move(reply.results[i]);
  call.group->open -= call.count;
}

void RecordCalls::Failed(Call& call, const absl::Status& status) {
  LogFailure(status, setup_.options.request_id);
  away_ = away_ || status.code() == absl::StatusCode::kUnavailable;
  if ((setup_.single || ConcernsAll(status)) && setup_.refuse(status)) return;
  const Problem problem = ProblemFromStatus(status);
  for (size_t i = call.first; i < call.first + call.count; ++i) {
    call.group->outcomes[i].code = problem.status;
    call.group->outcomes[i].error = problem.detail;
  }
  call.group->open -= call.count;
}

void RecordCalls::Divide(const Call& call) {
  const size_t half = call.count / 2;
  waiting_.push_front({call.group, call.first + half, call.count - half});
  waiting_.push_front({call.group, call.first, half});
}

bool RecordCalls::MayRetry(const Call& call, const absl::Status& status) const {
  if (setup_.single || !IsBusyOrAway(status)) return false;
  const bool unavailable = status.code() == absl::StatusCode::kUnavailable;
  if (unavailable && away_) return false;
  const bool can_refuse = unavailable && !setup_.stream.begun();
  const absl::Time end = can_refuse ? std::min(call.deadline, call.begun + setup_.limits.patience_at_start) : call.deadline;
  return SteadyNow() + std::max(call.pause * 2, setup_.limits.first_pause) < end;
}

void RecordCalls::RetryLater(uint64_t id) {
  Call& call = under_way_.at(id);
  call.cancel = {};
  call.pause = std::clamp(call.pause * 2, setup_.limits.first_pause, setup_.limits.longest_pause);
  setup_.stream.RunAfter(call.pause, [this, id] { Send(id); });
}

}  // namespace verdict
