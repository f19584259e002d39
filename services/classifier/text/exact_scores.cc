#include "services/classifier/text/exact_scores.h"

#include <charconv>
#include <cstdint>
#include <string>

#include "absl/status/status.h"
#include "boost/json/basic_parser_impl.hpp"

namespace verdict {
namespace {

using Text = boost::json::string_view;
using ErrorCode = boost::json::error_code;

// Follows the way to model.vocab and keeps the numbers two arrays deep in it.
class ScoreHandler {
 public:
  // The names that the parser asks for. NOLINTBEGIN(readability-identifier-naming)
  static constexpr std::size_t max_object_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_array_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_key_size = static_cast<std::size_t>(-1);
  static constexpr std::size_t max_string_size = static_cast<std::size_t>(-1);
  // NOLINTEND(readability-identifier-naming)

  std::vector<double> scores;

  bool on_document_begin(ErrorCode&) { return true; }
  bool on_document_end(ErrorCode&) { return true; }
  bool on_object_begin(ErrorCode&) { return Deeper(); }
  bool on_object_end(std::size_t, ErrorCode&) { return Higher(); }
  bool on_array_begin(ErrorCode&) { return Deeper(); }
  bool on_array_end(std::size_t, ErrorCode&) { return Higher(); }
  bool on_key_part(Text part, std::size_t, ErrorCode&) { return Append(key_, part); }
  bool on_key(Text part, std::size_t, ErrorCode&) {
    Append(key_, part);
    if (depth_ == 1) in_model_ = key_ == "model";
    if (depth_ == 2) in_vocabulary_ = in_model_ && key_ == "vocab";
    key_.clear();
    return true;
  }
  bool on_string_part(Text, std::size_t, ErrorCode&) { return true; }
  bool on_string(Text, std::size_t, ErrorCode&) { return true; }
  bool on_number_part(Text part, ErrorCode&) { return Append(number_, part); }
  bool on_int64(std::int64_t, Text part, ErrorCode&) { return Number(part); }
  bool on_uint64(std::uint64_t, Text part, ErrorCode&) { return Number(part); }
  bool on_double(double, Text part, ErrorCode&) { return Number(part); }
  bool on_bool(bool, ErrorCode&) { return true; }
  bool on_null(ErrorCode&) { return true; }
  bool on_comment_part(Text, ErrorCode&) { return true; }
  bool on_comment(Text, ErrorCode&) { return true; }

 private:
  static constexpr int kScoreDepth = 4;  // document, model, vocab, entry

  bool Deeper() { return ++depth_ > 0; }
  bool Higher() { return --depth_ >= 0; }

  static bool Append(std::string& text, Text part) {
    text.append(part.data(), part.size());
    return true;
  }

  bool Number(Text part) {
    Append(number_, part);
    double value = 0;
    std::from_chars(number_.data(), number_.data() + number_.size(), value);
    number_.clear();
    if (in_model_ && in_vocabulary_ && depth_ == kScoreDepth) scores.push_back(value);
    return true;
  }

  int depth_ = 0;
  bool in_model_ = false;
  bool in_vocabulary_ = false;
  std::string key_;
  std::string number_;
};

}  // namespace

absl::StatusOr<std::vector<double>> ReadExactScores(std::string_view json) {
  boost::json::basic_parser<ScoreHandler> parser{boost::json::parse_options()};
  ErrorCode error;
  parser.write_some(false, json.data(), json.size(), error);
  if (error) return absl::InvalidArgumentError("is not valid JSON");
  return std::move(parser.handler().scores);
}

}  // namespace verdict
