#include "gateway/record_sink.h"

#include <utility>

#include "gateway/http/rpc_status.h"

namespace verdict {
namespace {

// Records of a group that need no call: a group is written in one piece, so it cannot grow for ever.
constexpr size_t kMaxItems = 1024;

constexpr int kBadRecord = 400;

}  // namespace

RecordSink::RecordSink(Setup setup) : setup_(std::move(setup)), writer_(setup_.reading.format), calls_(CallSetup()) {}

RecordCalls::Setup RecordSink::CallSetup() {
  ClassifyCall call;
  call.top_k = 1;
  NameModel(setup_.head, call);
  return {.client = setup_.client,
          .stream = setup_.stream,
          .call = std::move(call),
          .options = OptionsFor(setup_.head, absl::InfiniteFuture()),
          .limits = setup_.limits,
          .single = setup_.reading.single,
          .changed = [this] { Advance(); },
          .refuse = [this](const absl::Status& status) { return Refuse(ProblemFromStatus(status)); }};
}

// Twice what is under way: so that the next calls are ready when these return.
bool RecordSink::wants_data() const {
  return !over_ && setup_.stream.writable() && groups_.size() < 2 * static_cast<size_t>(setup_.limits.concurrency);
}

void RecordSink::Data(std::string_view bytes) {
  setup_.reading.reader->Read(bytes, records_);
  for (Record& record : records_) Add(std::move(record));
  records_.clear();
  Advance();
}

void RecordSink::End() {
  setup_.reading.reader->Finish(records_);
  for (Record& record : records_) Add(std::move(record));
  records_.clear();
  ended_ = true;
  Advance();
}

void RecordSink::Add(Record record) {
  if (over_) return;
  if (record.kind == Record::Kind::kBad && setup_.reading.single) {
    Refuse({kBadRecord, std::move(record.error)});
    return;
  }
  const size_t bytes = record.input.text.size() + record.input.text_pair.value_or("").size();
  if (!filling_->inputs.inputs.empty() && filling_->bytes + bytes > setup_.limits.bytes) Dispatch();
  filling_->items.push_back({record.kind, std::move(record.error)});
  filling_->bytes += bytes;
  if (record.kind == Record::Kind::kInput) filling_->inputs.inputs.push_back(std::move(record.input));
  if (filling_->inputs.inputs.size() >= setup_.limits.texts || filling_->items.size() >= kMaxItems) Dispatch();
}

void RecordSink::Dispatch() {
  Group& group = *groups_.emplace_back(std::exchange(filling_, std::make_unique<Group>()));
  if (!group.inputs.inputs.empty()) calls_.Start(group.inputs);
}

// Goes on as far as is possible. What has been read is not kept waiting for more while the service has nothing to do: the caller
// may be one who waits for the answer before it goes on.
void RecordSink::Advance() {
  if (over_) return;
  if ((calls_.idle() || ended_) && !filling_->items.empty()) Dispatch();
  std::string out;
  while (!groups_.empty() && groups_.front()->inputs.open == 0) {
    WriteGroup(*groups_.front(), out);
    if (over_) return;
    groups_.pop_front();
  }
  const bool done = ended_ && groups_.empty();
  if (!out.empty() || done) Begin(std::exchange(out, {}));
  if (!done) return;
  writer_.End(out);
  setup_.stream.Write(out);
  setup_.stream.Finish();
  over_ = true;
}

void RecordSink::WriteGroup(Group& group, std::string& out) {
  size_t next = 0;
  for (const Group::Item& item : group.items) {
    if (item.kind == Record::Kind::kBlank) {
      writer_.Blank(out);
      continue;
    }
    if (item.kind == Record::Kind::kBad) {
      writer_.Error(out, kBadRecord, item.error);
      continue;
    }
    const InputGroup::Outcome& outcome = group.inputs.outcomes[next++];
    if (outcome.code == 0) {
      writer_.Result(out, outcome.result);
    } else {
      writer_.Error(out, outcome.code, outcome.error);
    }
  }
}

// Writes on, behind the head if that is still to come.
void RecordSink::Begin(std::string first) {
  if (setup_.stream.begun()) return setup_.stream.Write(first);
  HttpResponse response{.status = 200, .content_type = std::string(setup_.reading.format.media_type)};
  writer_.Begin(response.body);
  response.body += first;
  response.notes.model = calls_.model();
  EchoCustomAttributes(setup_.head, response);
  setup_.stream.Begin(std::move(response));
}

// Ends the request with a problem; not once it has been answered in part.
bool RecordSink::Refuse(const Problem& problem) {
  if (over_) return true;
  if (setup_.stream.begun()) return false;
  over_ = true;
  RefuseStream(setup_.stream, setup_.head, problem, setup_.write_problem);
  return true;
}

}  // namespace verdict
