// Bytes of a connection, as gateway/http/session.cc feeds them to the parser: one byte of decisions, then the bytes. However they
// arrive, the request is the same, and so is where the next one begins.
#include <optional>
#include <string>

#include "gateway/http/request_parser.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {
namespace {

struct Outcome {
  HttpRequest request;
  std::string streamed;
  std::optional<Problem> problem;
  bool done = false, keep_alive = false;
  size_t used = 0;

  bool Settled() const { return done || problem.has_value(); }
};

// Feeds a parser until it has what it needs, finds a problem or has all bytes.
class Feeder {
 public:
  Feeder(std::string_view bytes, uint32_t slices, Outcome& outcome) : slicer_(bytes, slices), outcome_(outcome) {}

  // Whether there is a point in going on.
  bool Step(RequestParser& parser) {
    if (!buffer_.empty()) Feed(parser);
    if (outcome_.problem || slicer_.AtEnd()) return false;
    buffer_ += slicer_.Next();
    return true;
  }
  void Feed(RequestParser& parser) {
    const size_t used = parser.Feed(buffer_, outcome_.problem);
    Expect(used <= buffer_.size(), "the parser uses what it was given");
    buffer_.erase(0, used);
    outcome_.used += used;
  }

 private:
  Slicer slicer_;
  std::string buffer_;
  Outcome& outcome_;
};

void Read(std::string_view bytes, uint32_t slices, bool stream, const HttpLimits& limits, Outcome& outcome) {
  RequestParser parser(outcome.request, limits);
  Feeder feeder(bytes, slices, outcome);
  while (!parser.header_done() && feeder.Step(parser)) continue;
  if (outcome.problem || !parser.header_done()) return;
  if ((outcome.problem = parser.CheckFraming())) return;
  if (!stream && ((outcome.problem = parser.CheckBodySize()) || (outcome.problem = parser.CheckBodyPlace()))) return;
  outcome.keep_alive = parser.keep_alive();
  stream ? parser.StreamBody(outcome.streamed) : parser.ReadBody();
  while (!parser.done() && feeder.Step(parser)) continue;
  outcome.done = !outcome.problem && parser.done();
}

std::string Text(const Outcome& outcome) {
  const HttpRequest& request = outcome.request;
  std::string text = request.method + " " + request.path + "?" + request.query + "\n";
  request.headers.ForEach(
      [&](std::string_view name, std::string_view value) { text.append(name).append(": ").append(value).append("\n"); });
  text += "\n" + request.body + outcome.streamed + (outcome.keep_alive ? "\nkept open, " : "\nclosed, ");
  return text + std::to_string(outcome.used) + " bytes used";
}

void CheckLimits(const Outcome& outcome, const HttpLimits& limits) {
  Expect(outcome.request.body.size() <= limits.body_bytes, "the body is within its limit");
  size_t header = outcome.request.method.size() + outcome.request.path.size() + outcome.request.query.size();
  outcome.request.headers.ForEach([&](std::string_view name, std::string_view value) {
    header += name.size() + value.size();
    Expect(name.find_first_of("\r\n:") == std::string_view::npos, "a header's name is a token");
    Expect(value.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos, "a header's value is one line");
  });
  // The first line and the rest may each reach the limit before their sum is refused.
  Expect(header <= (outcome.problem ? 2 : 1) * limits.header_bytes, "the header is within its limit");
  if (outcome.problem) {
    Expect(outcome.problem->status >= 400 && outcome.problem->status < 600, "a problem has a status of its own");
  }
}

}  // namespace

void Fuzz(std::string_view bytes) {
  FuzzInput input(bytes);
  const uint8_t decisions = input.Byte();
  const bool stream = (decisions & 1) != 0;
  HttpLimits limits;
  limits.header_bytes = 1024;
  limits.body_bytes = 2048;
  Outcome whole, sliced;
  Read(input.Rest(), 0, stream, limits, whole);
  Read(input.Rest(), 1u + decisions, stream, limits, sliced);
  CheckLimits(whole, limits);
  CheckLimits(sliced, limits);
  // What is wrong with a header may be told early or at its end, as the bytes come; not whether something is.
  if (!whole.Settled() || !sliced.Settled()) return;
  Expect(whole.done == sliced.done, "slices do not decide whether the request is good");
  if (whole.done) ExpectSame(Text(whole), Text(sliced), "slices do not decide what the request is");
}

}  // namespace verdict
