#include "gateway/json/probability.h"

#include <algorithm>
#include <charconv>
#include <cmath>

namespace verdict {

void AppendProbability(std::string& out, float score) {
  const double value = std::isnan(score) ? 0.0 : std::clamp(static_cast<double>(score), 0.0, 1.0);
  if (value == 0.0 || value == 1.0) {
    out += value == 0.0 ? "0.0" : "1.0";
    return;
  }
  constexpr double kExponentBelow = 1e-4;  // Python's repr
  char digits[32];
  const auto format = value < kExponentBelow ? std::chars_format::scientific : std::chars_format::fixed;
  out.append(digits, std::to_chars(digits, digits + sizeof(digits), value, format).ptr);
}

}  // namespace verdict
