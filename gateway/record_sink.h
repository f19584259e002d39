#pragma once

#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/call_context.h"
#include "gateway/http/http_stream.h"
#include "gateway/record_calls.h"
#include "gateway/records/record_formats.h"

namespace verdict {

// Takes a body of records and writes their answers, one for each and in their order.
class RecordSink final : public StreamSink {
 public:
  struct Setup {
    const HttpRequest& head;
    HttpStream& stream;
    RecordReading reading;
    WriteProblem write_problem;
    ClassifierClient& client;
    RecordCallLimits limits;
  };

  explicit RecordSink(Setup setup);

  bool wants_data() const override;
  void Data(std::string_view bytes) override;
  void End() override;

 private:
  // Records in a row, answered together.
  struct Group {
    struct Item {
      Record::Kind kind;
      std::string error;  // of a bad one
    };
    std::vector<Item> items;
    InputGroup inputs;
    size_t bytes = 0;
  };

  RecordCalls::Setup CallSetup();
  void Add(Record record);
  void Dispatch();
  void Advance();
  void WriteGroup(Group& group, std::string& out);
  void Begin(std::string first);
  bool Refuse(const Problem& problem);

  Setup setup_;
  RecordWriter writer_;
  std::vector<Record> records_;  // read last, on their way into groups
  std::unique_ptr<Group> filling_ = std::make_unique<Group>();
  std::deque<std::unique_ptr<Group>> groups_;  // whose answers wait for their turn
  bool ended_ = false;
  bool over_ = false;
  RecordCalls calls_;  // the first to go: its calls look into groups
};

}  // namespace verdict
