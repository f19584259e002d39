#include "services/classifier/repository/verify_golden.h"

#include <algorithm>
#include <cmath>
#include <fstream>
#include <limits>

#include "absl/strings/str_cat.h"
#include "boost/json.hpp"
#include "common/json_file.h"
#include "services/classifier/model/scoring.h"

namespace verdict {
namespace {

constexpr size_t kMaxExamples = 5;
constexpr int64_t kMaxRepeat = 1 << 20;

struct GoldenAnswer {
  TextInput input;
  std::vector<int32_t> ids;
  int dropped = 0;
  std::string label;
  std::vector<std::pair<int, double>> top;
};

// The text under `key`, or the repeated one under `key`_repeat; nothing when neither is there.
absl::StatusOr<std::optional<std::string>> ReadText(const JsonFile& line, const std::string& key) {
  if (line.Find(key) != nullptr) {
    auto text = line.String(key);
    if (!text.ok()) return text.status();
    return std::optional(*std::move(text));
  }
  const std::string repeat_key = key + "_repeat";
  const boost::json::value* repeat = line.Find(repeat_key);
  if (repeat == nullptr) return std::optional<std::string>();
  if (!repeat->is_array() || repeat->get_array().size() != 2 || !repeat->get_array()[0].is_string() ||
      !repeat->get_array()[1].is_int64() || repeat->get_array()[1].get_int64() < 0 ||
      repeat->get_array()[1].get_int64() > kMaxRepeat) {
    return line.Error(repeat_key, "expected [unit, count]");
  }
  std::string text;
  for (int64_t i = 0; i < repeat->get_array()[1].get_int64(); ++i) text += std::string(repeat->get_array()[0].get_string());
  return std::optional(std::move(text));
}

absl::Status ReadIds(const JsonFile& line, std::vector<int32_t>& ids) {
  const boost::json::value* list = line.Find("ids");
  if (list == nullptr || !list->is_array()) return line.Error("ids", "expected a list of token ids");
  for (const auto& id : list->get_array()) {
    if (!id.is_int64()) return line.Error("ids", "expected a list of token ids");
    ids.push_back(static_cast<int32_t>(id.get_int64()));
  }
  return absl::OkStatus();
}

absl::Status ReadTop(const JsonFile& line, std::vector<std::pair<int, double>>& top) {
  const boost::json::value* list = line.Find("top");
  if (list == nullptr || !list->is_array()) return line.Error("top", "expected a list of [label_id, score]");
  for (const auto& pair : list->get_array()) {
    if (!pair.is_array() || pair.get_array().size() != 2 || !pair.get_array()[0].is_int64() || !pair.get_array()[1].is_number()) {
      return line.Error("top", "expected a list of [label_id, score]");
    }
    top.emplace_back(static_cast<int>(pair.get_array()[0].get_int64()), pair.get_array()[1].to_number<double>());
  }
  return absl::OkStatus();
}

absl::StatusOr<GoldenAnswer> ReadAnswer(std::string name, const std::string& text) {
  const auto line = JsonFile::Parse(std::move(name), text);
  if (!line.ok()) return line.status();
  GoldenAnswer answer;
  auto first = ReadText(*line, "text");
  if (!first.ok()) return first.status();
  if (!first->has_value()) return line->Error("text", "is missing");
  answer.input.text = **std::move(first);
  auto second = ReadText(*line, "text_pair");
  if (!second.ok()) return second.status();
  answer.input.text_pair = *std::move(second);
  if (absl::Status status = ReadIds(*line, answer.ids); !status.ok()) return status;
  if (absl::Status status = ReadTop(*line, answer.top); !status.ok()) return status;
  const auto dropped = line->Integer("dropped", 0, std::numeric_limits<int32_t>::max(), 0);
  if (!dropped.ok()) return dropped.status();
  answer.dropped = static_cast<int>(*dropped);
  auto label = line->String("label");
  if (!label.ok()) return label.status();
  answer.label = *std::move(label);
  return answer;
}

void AddExample(VerifyReport& report, std::string example) {
  if (report.examples.size() < kMaxExamples) report.examples.push_back(std::move(example));
}

bool IsNearTie(const GoldenAnswer& golden, double margin) {
  return golden.top.size() > 1 && golden.top[0].second - golden.top[1].second < margin;
}

// Compares one answer; returns the largest difference of a score.
absl::StatusOr<double> Compare(ModelClassifier::Parts& parts, const GoldenAnswer& golden, double near_tie, VerifyReport& report) {
  const auto encoding = parts.tokenizer->Encode(golden.input, parts.info.max_tokens, parts.truncation_policy);
  if (!encoding.ok()) return encoding.status();
  if (encoding->sequence.ids != golden.ids || encoding->tokens_dropped != golden.dropped) {
    ++report.different_ids;
    AddExample(report, absl::StrCat("text ", report.texts, ": token ids differ"));
  }
  const auto logits = parts.backend->Forward({&encoding->sequence});
  if (!logits.ok()) return logits.status();
  const auto scores = Score(logits->row(0), logits->columns, parts.function_to_apply);
  if (!scores.ok()) return scores.status();
  const auto ranked = Rank(*scores, parts.info.labels, 1);
  if (ranked[0].label != golden.label && !IsNearTie(golden, near_tie)) {
    ++report.different_labels;
    AddExample(report, absl::StrCat("text ", report.texts, ": label \"", ranked[0].label, "\", golden \"", golden.label, "\""));
  }
  double largest = 0;
  for (const auto& [id, score] : golden.top) {
    if (id < 0 || id >= static_cast<int>(scores->size()))
      return absl::InvalidArgumentError(absl::StrCat("label id ", id, " is not the model's"));
    largest = std::max(largest, std::abs((*scores)[static_cast<size_t>(id)] - score));
  }
  return largest;
}

}  // namespace

GoldenTolerance GoldenTolerance::Of(const std::string& precision) {
  if (precision == "bf16") return {.score = 0.04, .near_tie = 0.05};
  // Scores are not judged: eight bits move them, and what counts is how seldom that changes an answer.
  if (precision == "int8") return {.score = 1, .near_tie = 0, .agreement = 0.99};
  return {};
}

absl::StatusOr<VerifyReport> VerifyGolden(ModelClassifier::Parts& parts, std::istream& golden, int most_texts) {
  const GoldenTolerance tolerance = GoldenTolerance::Of(parts.info.precision);
  VerifyReport report;
  report.tolerance = tolerance.score;
  report.agreement = tolerance.agreement;
  std::vector<double> differences;
  std::string text;
  for (int number = 1; report.texts < most_texts && std::getline(golden, text); ++number) {
    if (text.empty()) continue;
    const std::string place = absl::StrCat("line ", number);
    const auto answer = ReadAnswer(place, text);
    if (!answer.ok()) return answer.status();
    ++report.texts;
    const auto difference = Compare(parts, *answer, tolerance.near_tie, report);
    if (!difference.ok())
      return absl::Status(difference.status().code(), absl::StrCat(place, ": ", difference.status().message()));
    if (*difference > tolerance.score) AddExample(report, absl::StrCat(place, ": a score differs by ", *difference));
    differences.push_back(*difference);
  }
  if (differences.empty()) return absl::InvalidArgumentError("holds no golden answer");
  std::sort(differences.begin(), differences.end());
  report.max_difference = differences.back();
  report.p99_difference = differences[(differences.size() - 1) * 99 / 100];
  return report;
}

absl::StatusOr<VerifyReport> VerifyGoldenFile(ModelClassifier::Parts& parts, const std::string& path, int most_texts) {
  std::ifstream lines(path);
  if (!lines) return absl::NotFoundError(absl::StrCat(path, ": cannot be read"));
  auto report = VerifyGolden(parts, lines, most_texts);
  if (!report.ok()) return absl::Status(report.status().code(), absl::StrCat(path, ": ", report.status().message()));
  return report;
}

absl::Status RequireGoldenAnswers(ModelClassifier::Parts& parts, const std::string& path) {
  const auto report = VerifyGoldenFile(parts, path);
  if (!report.ok()) return report.status();
  if (report->passed()) return absl::OkStatus();
  return absl::FailedPreconditionError(absl::StrCat(path, ": the model's answers have changed: of ", report->texts,
                                                    " texts, token ids differ for ", report->different_ids, ", labels for ",
                                                    report->different_labels, ", the largest difference of a score is ",
                                                    report->max_difference, "; first: ", report->examples.front()));
}

std::string Describe(const VerifyReport& report) {
  const auto percent = [&](int different) { return 100.0 * (report.texts - different) / report.texts; };
  std::string text = absl::StrCat("texts            ", report.texts, "\n", "token ids equal  ", percent(report.different_ids),
                                  " %\n", "labels equal     ", percent(report.different_labels), " %\n", "max |Δ score|    ",
                                  report.max_difference, "\n", "p99 |Δ score|    ", report.p99_difference, "\n");
  for (const std::string& example : report.examples) absl::StrAppend(&text, "  ", example, "\n");
  return text + (report.passed() ? "passed\n" : "FAILED\n");
}

}  // namespace verdict
