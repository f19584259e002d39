// Tokenises JSON lines with the tokenizer of a model directory, for comparisons with other implementations.
//
//   tokenize_lines MODEL_DIRECTORY < requests > answers
//   tokenize_lines MODEL_DIRECTORY --time < requests        prints the seconds that all of them take, the best of four rounds
//
// A request is a string, or {"text": "…", "text_pair": "…", "max_tokens": 512, "policy": "head|tail|head_tail|error"}, all but
// the text optional. The answer to each is {"ids": […], "type_ids": […], "tokens_dropped": n} or {"error": "…"}.
#include <algorithm>
#include <chrono>
#include <iostream>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "boost/json.hpp"
#include "services/classifier/text/load_tokenizer.h"

namespace verdict {
namespace {

struct Request {
  TextInput input;
  int max_tokens = std::numeric_limits<int>::max();
  TruncationPolicy policy = TruncationPolicy::kHead;
};

TruncationPolicy ParsePolicy(const std::string& name) {
  if (name == "tail") return TruncationPolicy::kTail;
  if (name == "head_tail") return TruncationPolicy::kHeadTail;
  return name == "error" ? TruncationPolicy::kError : TruncationPolicy::kHead;
}

Request ParseRequest(const std::string& line) {
  const boost::json::value value = boost::json::parse(line);
  Request request;
  if (value.is_string()) {
    request.input.text = boost::json::value_to<std::string>(value);
    return request;
  }
  const boost::json::object& object = value.as_object();
  request.input.text = boost::json::value_to<std::string>(object.at("text"));
  if (const auto* pair = object.if_contains("text_pair")) request.input.text_pair = boost::json::value_to<std::string>(*pair);
  if (const auto* limit = object.if_contains("max_tokens")) request.max_tokens = limit->to_number<int>();
  if (const auto* policy = object.if_contains("policy"))
    request.policy = ParsePolicy(boost::json::value_to<std::string>(*policy));
  return request;
}

boost::json::object Answer(const Tokenizer& tokenizer, const Request& request) {
  const absl::StatusOr<Encoding> encoding = tokenizer.Encode(request.input, request.max_tokens, request.policy);
  if (!encoding.ok()) return {{"error", std::string(encoding.status().message())}};
  return {{"ids", boost::json::value_from(encoding->sequence.ids)},
          {"type_ids", boost::json::value_from(encoding->sequence.type_ids)},
          {"tokens_dropped", encoding->tokens_dropped}};
}

std::vector<Request> ReadRequests() {
  std::vector<Request> requests;
  for (std::string line; std::getline(std::cin, line);) requests.push_back(ParseRequest(line));
  return requests;
}

void PrintTime(const Tokenizer& tokenizer) {
  constexpr int kRounds = 4;
  const std::vector<Request> requests = ReadRequests();
  double best = std::numeric_limits<double>::infinity();
  for (int round = 0; round < kRounds; ++round) {
    const auto start = std::chrono::steady_clock::now();
    for (const Request& request : requests)
      tokenizer.Encode(request.input, request.max_tokens, request.policy).status().IgnoreError();
    best = std::min(best, std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  }
  std::cout << best << "\n";
}

int Run(const std::string& directory, bool only_time) {
  const absl::StatusOr<LoadedTokenizer> loaded = LoadTokenizer(directory);
  if (!loaded.ok()) {
    std::cerr << loaded.status().message() << "\n";
    return 1;
  }
  if (only_time) {
    PrintTime(*loaded->tokenizer);
    return 0;
  }
  for (std::string line; std::getline(std::cin, line);) {
    std::cout << boost::json::serialize(Answer(*loaded->tokenizer, ParseRequest(line))) << "\n";
  }
  return 0;
}

}  // namespace
}  // namespace verdict

int main(int argc, char** argv) {
  const bool only_time = argc == 3 && std::string_view(argv[2]) == "--time";
  if (argc != 2 && !only_time) {
    std::cerr << "usage: tokenize_lines MODEL_DIRECTORY [--time]\n";
    return 2;
  }
  try {
    return verdict::Run(argv[1], only_time);
  } catch (const std::exception& e) {
    std::cerr << "tokenize_lines: " << e.what() << "\n";
    return 1;
  }
}
