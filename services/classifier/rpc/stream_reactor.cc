#include "services/classifier/rpc/stream_reactor.h"

#include <algorithm>
#include <utility>

#include "common/steady_clock.h"
#include "services/classifier/rpc/error_details.h"
#include "services/classifier/rpc/stream_messages.h"

namespace verdict {
namespace {

// Between two tries of a request that found the server overloaded; doubles from one to the other.
constexpr absl::Duration kFirstRetry = absl::Milliseconds(5);
constexpr absl::Duration kLastRetry = absl::Milliseconds(160);

absl::Status CallerLeft() { return absl::CancelledError("the caller went away"); }

int64_t Length(const grpc::ByteBuffer& buffer) { return static_cast<int64_t>(buffer.Length()); }

}  // namespace

StreamReactor::StreamReactor(Classifier& classifier, const ClassifyStreams::Limits& limits, Caller caller, Shared shared,
                             const grpc::CallbackServerContext& context)
    : classifier_(classifier),
      limits_(limits),
      caller_(std::move(caller)),
      shared_(std::move(shared)),
      context_(context),
      retry_delay_(kFirstRetry) {}

StreamReactor::~StreamReactor() {
  for (const ExchangePtr& exchange : unanswered_) StopWaiting(*exchange);
}

void StreamReactor::Begin(absl::AnyInvocable<void()> done) {
  done_ = std::move(done);
  held_by_grpc_ = shared_from_this();
  const std::lock_guard lock(mutex_);
  Step();
}

void StreamReactor::Drain() {
  const std::lock_guard lock(mutex_);
  EndWith(WithReason(absl::UnavailableError("the server is draining; what has no answer may be sent to another replica"),
                     Reason::kDraining));
  Step();
}

void StreamReactor::OnReadDone(bool ok) {
  if (ok && !cancelled_) Take(incoming_);
  const std::lock_guard lock(mutex_);
  reading_ = false;
  if (!ok) EndWith(absl::OkStatus());  // the caller has sent everything, or is gone, which OnCancel tells
  Step();
}

void StreamReactor::OnWriteDone(bool ok) {
  const std::lock_guard lock(mutex_);
  writing_ = false;
  bytes_ -= outgoing_.front()->bytes;
  outgoing_.front()->unread = {};
  outgoing_.pop_front();
  if (!ok) cancelled_ = true;
  Step();
}

void StreamReactor::OnCancel() {
  const std::lock_guard lock(mutex_);
  cancelled_ = true;
  Step();
}

void StreamReactor::OnDone() {
  cancelled_ = true;                   // for an alarm that is still set
  std::unique_ptr<grpc::Alarm> alarm;  // keeps the stream, and the stream keeps it
  {
    const std::lock_guard lock(mutex_);
    alarm.swap(alarm_);
    for (const ExchangePtr& exchange : outgoing_) exchange->unread = {};  // which must not outlive context_
  }
  alarm.reset();
  std::exchange(done_, nullptr)();
  held_by_grpc_.reset();
}

void StreamReactor::Take(grpc::ByteBuffer& message) {
  CallObservation observation(caller_.observer, {.method = CallMethod::kStreamClassify,
                                                 .request_id = caller_.request_id,
                                                 .trace_parent = caller_.trace_parent,
                                                 .trace_state = caller_.trace_state,
                                                 .name = caller_.client.caller});
  auto read = ReadStreamRequest(message, limits_.max_inputs);
  const auto exchange = std::make_shared<Exchange>();
  {
    const std::lock_guard lock(mutex_);
    if (!read.ok()) return EndWith(read.status());
    if (std::exchange(first_, false)) unordered_ = read->unordered;
    exchange->id = std::move(read->id);
    exchange->bytes = Length(message);
    exchange->message.Swap(&message);  // a ByteBuffer copies where it should move
    exchange->deadline = std::min(caller_.deadline, SteadyNow() + limits_.max_deadline);
    exchange->observation = std::move(observation);
    unanswered_.push_back(exchange);
    bytes_ += exchange->bytes;
    ++busy_;
  }
  if (!read->request.ok()) return Refuse(exchange, read->request.status());
  exchange->observation.Asked(*read->request);
  Classify(exchange, *std::move(read->request));
}

void StreamReactor::Classify(const ExchangePtr& exchange, ClassifyRequest request) {
  const auto self = shared_from_this();
  CallContext context{.deadline = exchange->deadline,
                      .request_id = caller_.request_id,
                      .trace = exchange->observation.trace(),
                      .cancelled = [self] { return self->cancelled_.load(); },
                      .client = caller_.client.client};
  classifier_.Classify(std::move(request), std::move(context),
                       [self, exchange](absl::StatusOr<ClassifyResponse> answer) { self->OnAnswer(exchange, answer); });
}

void StreamReactor::OnAnswer(const ExchangePtr& exchange, const absl::StatusOr<ClassifyResponse>& answer) {
  if (answer.ok()) {
    {
      const std::lock_guard lock(mutex_);
      retry_delay_ = kFirstRetry;
    }
    exchange->observation.End(answer);
    return Answer(exchange, WriteStreamAnswer(exchange->id, *answer));
  }
  if (ReasonOf(answer.status()).reason == Reason::kOverloaded) {
    if (Wait(exchange)) return;
    if (cancelled_) return Refuse(exchange, CallerLeft());  // it would have waited on
  }
  Refuse(exchange, answer.status());
}

void StreamReactor::Refuse(const ExchangePtr& exchange, const absl::Status& status) {
  LogRefusal(status, caller_.request_id);
  exchange->observation.End(status);
  Answer(exchange, WriteStreamError(exchange->id, ToRichError(status, caller_.request_id)));
}

void StreamReactor::Answer(const ExchangePtr& exchange, grpc::ByteBuffer answer) {
  const std::lock_guard lock(mutex_);
  StopWaiting(*exchange);
  exchange->message.Clear();
  exchange->answer.Swap(&answer);
  exchange->answered = true;
  bytes_ += Length(exchange->answer) - exchange->bytes;
  exchange->bytes = Length(exchange->answer);
  --busy_;
  if (unordered_) {
    unanswered_.erase(std::find(unanswered_.begin(), unanswered_.end(), exchange));
    Send(exchange);
  }
  for (; !unanswered_.empty() && unanswered_.front()->answered; unanswered_.pop_front()) Send(unanswered_.front());
  Step();
}

// Only now is it the caller who has to read it: before, it may have waited for those before it.
void StreamReactor::Send(const ExchangePtr& exchange) {
  exchange->unread = UnreadAnswers::Add(shared_.unread, exchange->bytes, [&context = context_] { context.TryCancel(); });
  outgoing_.push_back(exchange);
}

bool StreamReactor::Wait(const ExchangePtr& exchange) {
  const std::lock_guard lock(mutex_);
  if (cancelled_ || SteadyNow() + retry_delay_ >= exchange->deadline) return false;
  if (exchange->waiting_bytes == 0) {
    if (!shared_.waiting->Take(exchange->bytes)) return false;
    exchange->waiting_bytes = exchange->bytes;
  }
  --busy_;
  waiting_.push_back(exchange);
  if (waiting_.size() > 1) return true;  // the alarm is set
  alarm_ = std::make_unique<grpc::Alarm>();
  alarm_->Set(ToWallClock(SteadyNow() + retry_delay_), [self = shared_from_this()](bool) { self->TryAgain(); });
  retry_delay_ = std::min(2 * retry_delay_, kLastRetry);
  return true;
}

void StreamReactor::StopWaiting(Exchange& exchange) { shared_.waiting->Return(std::exchange(exchange.waiting_bytes, 0)); }

void StreamReactor::TryAgain() {
  std::deque<ExchangePtr> tried;
  {
    const std::lock_guard lock(mutex_);
    if (cancelled_) return;  // and perhaps done with: the classifier may be gone
    tried.swap(waiting_);
    ++busy_;
  }
  while (!tried.empty() && TryFirst(tried)) {
  }
  const std::lock_guard lock(mutex_);
  // One was refused once more, and with it has come an alarm; the others would be refused as well.
  waiting_.insert(waiting_.end(), tried.begin(), tried.end());
  --busy_;
  Step();
}

bool StreamReactor::TryFirst(std::deque<ExchangePtr>& tried) {
  {
    const std::lock_guard lock(mutex_);
    if (!waiting_.empty()) return false;
    ++busy_;
  }
  const ExchangePtr exchange = tried.front();
  tried.pop_front();
  auto read = ReadStreamRequest(exchange->message, limits_.max_inputs);  // as before: it was read once
  Classify(exchange, *std::move(read->request));
  return true;
}

void StreamReactor::EndWith(absl::Status status) {
  if (!end_) end_ = std::move(status);
}

bool StreamReactor::MayRead() const {
  const auto unanswered = static_cast<int>(unanswered_.size() + outgoing_.size());
  return !reading_ && !end_ && waiting_.empty() && unanswered < limits_.max_unanswered && bytes_ < limits_.max_unanswered_bytes;
}

bool StreamReactor::IsOver() const {
  if (writing_) return false;   // gRPC takes one thing at a time
  if (busy_ > 0) return false;  // who waits for the end of all streams takes the classifier away
  return cancelled_ || (end_ && unanswered_.empty() && outgoing_.empty());
}

void StreamReactor::Step() {
  if (finished_) return;
  if (IsOver()) {
    finished_ = true;
    // What waited for a place when the caller left.
    for (const ExchangePtr& exchange : unanswered_) exchange->observation.End(CallerLeft());
    return Finish(cancelled_ ? grpc::Status::CANCELLED : ToRichStatus(*end_, caller_.request_id));
  }
  if (cancelled_) return;
  if (!writing_ && !outgoing_.empty()) {
    writing_ = true;
    StartWrite(&outgoing_.front()->answer);
  }
  if (MayRead()) {
    reading_ = true;
    StartRead(&incoming_);
  }
}

}  // namespace verdict
