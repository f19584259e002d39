#include "gateway/json/probability.h"

#include <algorithm>
#include <cmath>

#include "gateway/json/json_value.h"

namespace verdict {

void AppendProbability(std::string& out, float score) {
  const double value = std::isnan(score) ? 0.0 : std::clamp(static_cast<double>(score), 0.0, 1.0);
  AppendFloat(out, value == 0.0 ? 0.0 : value);  // never "-0.0"
}

}  // namespace verdict
