#pragma once

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "gateway/client/classifier_client.h"
#include "gateway/http/http_stream.h"
#include "gateway/http/problem.h"

namespace verdict {

// How records become calls.
struct RecordCallLimits {
  int concurrency = 4;                         // calls under way for one request
  size_t texts = 64;                           // of a call
  size_t bytes = 256 * 1024;                   // of its texts; one longer text goes alone
  absl::Duration timeout = absl::Seconds(60);  // of a call, with all tries
  // How long a service that is away is waited for as long as nothing has been answered: then the request as a whole can be
  // refused.
  absl::Duration patience_at_start = absl::Seconds(5);
  absl::Duration first_pause = absl::Milliseconds(50);  // before the second try; doubles from one to the next
  absl::Duration longest_pause = absl::Seconds(2);
};

// Inputs that are classified together as far as that is possible, and what came of each.
struct InputGroup {
  struct Outcome {
    ClassifyReply::Result result;
    int code = 0;  // an HTTP status, where there is no result
    std::string error;
  };

  std::vector<ClassifyCall::Input> inputs;
  std::vector<Outcome> outcomes;  // one per input
  size_t open = 0;                // inputs without an outcome
};

// Classifies groups of inputs, a bounded number at once. A call that the service finds wrong is divided until only the inputs at
// fault are left; one that finds the service busy or away is tried again, with growing pauses. Belongs to a stream and is used on
// its thread; the destructor cancels what is under way.
class RecordCalls {
 public:
  struct Setup {
    ClassifierClient& client;
    HttpStream& stream;   // outlives this
    ClassifyCall call;    // without inputs
    CallOptions options;  // without a deadline
    RecordCallLimits limits;
    bool single =
        false;  // there is one record, whose failure is that of the request: it is told at once, and nothing tried again
    std::function<void()> changed;  // a group has no input open any more
    // A failure of the service that need not be one of single records: true when the request as a whole ends with it.
    std::function<bool(const absl::Status&)> refuse;
  };

  explicit RecordCalls(Setup setup) : setup_(std::move(setup)) {}
  ~RecordCalls();
  RecordCalls(const RecordCalls&) = delete;

  // The group stays where it is until none of its inputs is open.
  void Start(InputGroup& group);
  const std::string& model() const { return model_; }  // that answered last; empty: none did
  bool idle() const { return under_way_.empty() && waiting_.empty(); }

 private:
  struct Call {
    InputGroup* group;
    size_t first, count;  // its inputs
    absl::Time deadline = absl::InfiniteFuture();
    absl::Time begun = absl::InfinitePast();
    absl::Duration pause = absl::ZeroDuration();
    CancelCall cancel = {};
  };

  void StartWaiting();
  void Send(uint64_t id);
  void Replied(uint64_t id, absl::StatusOr<ClassifyReply> reply);
  void Succeeded(Call& call, ClassifyReply& reply);
  void Failed(Call& call, const absl::Status& status);
  void Divide(const Call& call);
  bool MayRetry(const Call& call, const absl::Status& status) const;
  void RetryLater(uint64_t id);

  Setup setup_;
  std::deque<Call> waiting_;
  std::map<uint64_t, Call> under_way_;  // those that pause, too
  uint64_t next_id_ = 0;
  std::string model_;
  bool away_ = false;  // the service outlasted a call's patience; nobody waits for it again until it answers
};

}  // namespace verdict
