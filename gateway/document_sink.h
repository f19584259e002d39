#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "gateway/call_context.h"
#include "gateway/http/body_memory.h"
#include "gateway/http/http_handler.h"
#include "gateway/http/http_stream.h"
#include "gateway/records/record_formats.h"

namespace verdict {

// Takes a body of JSON of which it is not known whether it is lines of records or one document. It is lines once there is
// something behind the first line, unless that line ends where a document has to go on: in an opening bracket, a comma or a
// colon. What is one document, and no record, goes to the handler of documents; a document of one line that the handler finds
// wrong (400) is a bad record, as it would be among others.
class DocumentSink final : public StreamSink {
 public:
  struct Setup {
    const HttpRequest& head;
    HttpStream& stream;
    std::function<std::unique_ptr<StreamSink>()> make_lines;  // who takes it when it is lines
    HttpHandler document_handler;
    WriteProblem write_problem;
    uint64_t max_document_bytes;
    BodyMemory& memory;  // what it keeps is of it; outlives the sink
    uint64_t inflight_body_bytes;
  };

  explicit DocumentSink(Setup setup)
      : setup_(std::move(setup)), hold_(std::in_place, setup_.memory, setup_.inflight_body_bytes) {}
  ~DocumentSink() override;

  bool wants_data() const override { return lines_ ? lines_->wants_data() : !asked_; }
  bool keeps_body() const override { return !lines_; }
  void Data(std::string_view bytes) override;
  void End() override;

 private:
  bool GoesOnAfterFirstLine();
  void TakeAsLines();
  void Ask();
  void Answered(HttpResponse response);
  void Refuse(const Problem& problem);

  Setup setup_;
  std::string body_;                // as long as it is not known what it is
  std::optional<BodyHold> hold_;    // as long as the body is kept, here or by the handler
  size_t looked_at_ = 0;            // so much of it need not be looked at again
  std::optional<size_t> line_end_;  // of the first line
  bool document_ = false;           // it is one, of many lines
  bool asked_ = false;
  bool ended_ = false;
  CancelRequest cancel_;
  std::shared_ptr<HttpRequest> document_request_;  // that is asked about; has the body
  std::unique_ptr<StreamSink> lines_;
};

}  // namespace verdict
