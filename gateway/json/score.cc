#include "gateway/json/score.h"

#include <algorithm>
#include <cfloat>
#include <cmath>

#include "gateway/json/json_value.h"

namespace verdict {

void AppendScore(std::string& out, float score) {
  const double value = std::isnan(score) ? 0.0 : std::clamp<double>(score, -FLT_MAX, FLT_MAX);
  AppendFloat(out, value);
}

}  // namespace verdict
