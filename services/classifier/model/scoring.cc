#include "services/classifier/model/scoring.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

std::vector<float> Softmax(const float* logits, int count) {
  const double highest = *std::max_element(logits, logits + count);
  std::vector<double> powers(static_cast<size_t>(count));
  double sum = 0;
  for (int i = 0; i < count; ++i) {
    // The shift of the highest logit is 0 even where it is infinite.
    powers[i] = logits[i] == highest ? 1.0 : std::exp(logits[i] - highest);
    sum += powers[i];
  }
  std::vector<float> scores(static_cast<size_t>(count));
  for (int i = 0; i < count; ++i) scores[i] = static_cast<float>(powers[i] / sum);
  return scores;
}

float Sigmoid(double logit) { return static_cast<float>(1.0 / (1.0 + std::exp(-logit))); }

}  // namespace

absl::StatusOr<std::vector<float>> Score(const float* logits, int count, FunctionToApply function) {
  for (int i = 0; i < count; ++i) {
    if (std::isnan(logits[i])) return absl::InternalError(absl::StrCat("the model answered NaN for label id ", i));
  }
  if (function == FunctionToApply::kSoftmax) return Softmax(logits, count);
  std::vector<float> scores(logits, logits + count);
  if (function == FunctionToApply::kSigmoid) std::transform(scores.begin(), scores.end(), scores.begin(), Sigmoid);
  return scores;
}

std::vector<float> CombineWindows(const std::vector<std::vector<float>>& windows, WindowCombination combination) {
  std::vector<float> combined = windows.front();
  if (combination == WindowCombination::kFirst) return combined;
  for (size_t label = 0; label < combined.size(); ++label) {
    double sum = 0;
    for (const std::vector<float>& scores : windows) {
      sum += scores[label];
      combined[label] = std::max(combined[label], scores[label]);
    }
    if (combination == WindowCombination::kMean) combined[label] = static_cast<float>(sum / static_cast<double>(windows.size()));
  }
  return combined;
}

std::vector<LabelScore> Rank(const std::vector<float>& scores, const std::vector<std::string>& labels, int top_k) {
  std::vector<int> order(scores.size());
  std::iota(order.begin(), order.end(), 0);
  const size_t kept = top_k == 0 ? order.size() : std::min(order.size(), static_cast<size_t>(top_k));
  const auto higher = [&scores](int a, int b) { return scores[a] > scores[b] || (scores[a] == scores[b] && a < b); };
  std::partial_sort(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(kept), order.end(), higher);
  std::vector<LabelScore> ranked;
  ranked.reserve(kept);
  for (size_t i = 0; i < kept; ++i) ranked.push_back({labels[order[i]], scores[order[i]], order[i]});
  return ranked;
}

}  // namespace verdict
