#pragma once

#include <algorithm>
#include <istream>
#include <limits>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/repository/model_classifier.h"

namespace verdict {

// How a model's answers compare with golden ones.
struct VerifyReport {
  int texts = 0;
  int different_ids = 0;              // token ids, or the number of tokens dropped
  int different_labels = 0;           // the top label
  double max_difference = 0;          // largest |Δ score| over the recorded labels
  double p99_difference = 0;          // 99 % of the texts differ by at most this
  std::vector<std::string> examples;  // of the first few differences

  double tolerance = 0;  // of a score
  double agreement = 1;  // the share of the texts whose labels must be equal

  double labels_equal() const { return 1 - static_cast<double>(different_labels) / std::max(texts, 1); }
  bool passed() const { return texts > 0 && different_ids == 0 && labels_equal() >= agreement && max_difference <= tolerance; }
};

// How far answers in this precision ("fp32", "bf16", "int8") may be from golden ones, which are those of fp32.
struct GoldenTolerance {
  double score = 1e-5;
  double near_tie = 0;  // another label counts as equal where the best two golden scores are closer than this
  double agreement = 1;

  static GoldenTolerance Of(const std::string& precision);
};

inline constexpr int kAllTexts = std::numeric_limits<int>::max();

// Replays golden answers (one JSON object a line, tests/golden/README.md) one text at a time. Error: kInvalidArgument that names
// the line which is no golden answer.
absl::StatusOr<VerifyReport> VerifyGolden(ModelClassifier::Parts& parts, std::istream& golden, int most_texts = kAllTexts);

// The same of a file, which errors name; kNotFound when it cannot be read.
absl::StatusOr<VerifyReport> VerifyGoldenFile(ModelClassifier::Parts& parts, const std::string& path, int most_texts = kAllTexts);

// OkStatus when every answer is as recorded. Errors: those of VerifyGoldenFile; kFailedPrecondition that sums up what differs.
absl::Status RequireGoldenAnswers(ModelClassifier::Parts& parts, const std::string& path);

// The report as lines of text.
std::string Describe(const VerifyReport& report);

}  // namespace verdict
