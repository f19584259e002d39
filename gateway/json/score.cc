#include "gateway/json/score.h"

#include <algorithm>
#include <cfloat>
#include <charconv>
#include <cmath>

namespace verdict {

void AppendScore(std::string& out, float score) {
  const double value = std::isnan(score) ? 0.0 : std::clamp<double>(score, -FLT_MAX, FLT_MAX);
  const double size = std::abs(value);
  constexpr double kExponentBelow = 1e-4, kExponentFrom = 1e16;  // Python's repr
  const bool exponent = size != 0 && (size < kExponentBelow || size >= kExponentFrom);
  char digits[32];
  char* const end =
      std::to_chars(digits, digits + sizeof(digits), value, exponent ? std::chars_format::scientific : std::chars_format::fixed)
          .ptr;
  out.append(digits, end);
  if (!exponent && std::find(digits, end, '.') == end) out += ".0";
}

}  // namespace verdict
