#pragma once

#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/api/classifier.h"

namespace verdict {

// Scores of `count` logits z under a function (formulas in proto/verdict/v1/classifier.proto), computed in double precision and
// rounded to float. Softmax is shifted by max z, so that no exponent overflows; softmax and sigmoid stay within [0, 1] by
// construction. Errors: kInternal when a logit is not a number.
absl::StatusOr<std::vector<float>> Score(const float* logits, int count, FunctionToApply function);

// The scores of a text from those of its windows (not empty, all equally long), by the formulas in the proto.
std::vector<float> CombineWindows(const std::vector<std::vector<float>>& windows, WindowCombination combination);

// The labels of `scores` by descending score, ties by label id; the first `top_k` of them, or all when top_k is 0. `labels` is as
// long as `scores`.
std::vector<LabelScore> Rank(const std::vector<float>& scores, const std::vector<std::string>& labels, int top_k);

}  // namespace verdict
