#include "gateway/document_sink.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "gateway/http/overload_problem.h"
#include "gateway/json/json_outline.h"
#include "gateway/records/record_text.h"

namespace verdict {
namespace {

constexpr std::string_view kSpace = " \t\r\n";
constexpr int kBadRequest = 400;

std::string_view WithoutSpaceAfter(std::string_view text) {
  const size_t last = text.find_last_not_of(kSpace);
  return text.substr(0, last == std::string_view::npos ? 0 : last + 1);
}

// Whether what a line says cannot be all of a document.
bool GoesOn(std::string_view line) {
  line = WithoutSpaceAfter(line);
  return !line.empty() && std::string_view("{[,:").find(line.back()) != std::string_view::npos;
}

}  // namespace

DocumentSink::~DocumentSink() {
  if (cancel_ && asked_) cancel_();
}

void DocumentSink::Data(std::string_view bytes) {
  if (lines_) return lines_->Data(bytes);
  if (!hold_->GrowTo(body_.size() + bytes.size())) return Refuse(NoPlaceForBody());
  body_ += bytes;
  if (!document_ && GoesOnAfterFirstLine()) {
    document_ = GoesOn(std::string_view(body_).substr(0, *line_end_));
    if (!document_) return TakeAsLines();
  }
  if (body_.size() <= setup_.max_document_bytes) return;
  if (!document_) return TakeAsLines();
  Refuse({413, absl::StrCat("the document is larger than ", setup_.max_document_bytes, " bytes, the most that is read")});
}

void DocumentSink::Refuse(const Problem& problem) { RefuseStream(setup_.stream, setup_.head, problem, setup_.write_problem); }

// Whether there is something behind the first line. Looks at every byte once, however many pieces there are.
bool DocumentSink::GoesOnAfterFirstLine() {
  if (!line_end_) {
    if (const size_t end = body_.find('\n', looked_at_); end != std::string::npos) line_end_ = looked_at_ = end;
  }
  const bool more = line_end_ && body_.find_first_not_of(kSpace, looked_at_) != std::string::npos;
  looked_at_ = body_.size();
  return more;
}

void DocumentSink::TakeAsLines() {
  lines_ = setup_.make_lines();
  const std::string body = std::exchange(body_, {});
  lines_->Data(body);
  hold_.reset();
  if (ended_) lines_->End();
}

void DocumentSink::End() {
  ended_ = true;
  if (lines_) return lines_->End();
  const Record record = ReadJsonRecord(WithoutSpaceAfter(body_));
  if (!document_ && (record.kind != Record::Kind::kBad || !std::holds_alternative<JsonOutline>(ReadJsonOutline(body_)))) {
    return TakeAsLines();
  }
  Ask();
}

void DocumentSink::Ask() {
  asked_ = true;
  const auto request = std::make_shared<HttpRequest>(setup_.head);
  request->body = std::exchange(body_, {});
  document_request_ = request;
  // The answer keeps the request, because the handler may look at it after this object is gone.
  cancel_ = setup_.document_handler(*request, [this, request, executor = setup_.stream.executor()](HttpResponse response) {
    executor([this, response = std::move(response)]() mutable { Answered(std::move(response)); });
  });
}

void DocumentSink::Answered(HttpResponse response) {
  asked_ = false;
  const auto request = std::exchange(document_request_, nullptr);
  if (response.status == kBadRequest && !document_) {
    body_ = request->body;  // a copy: the handler may not be done with it
    return TakeAsLines();
  }
  setup_.stream.Respond(std::move(response));
}

}  // namespace verdict
