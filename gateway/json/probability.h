#pragma once

#include <string>

namespace verdict {

// Appends a score as a JSON number within [0, 1]: the float as a double, in the shortest digits that read back as the same
// double, written as Python writes it (0.0, 1.0, 0.9822999835014343, 1e-08). What is no number at all counts as 0.
void AppendProbability(std::string& out, float score);

}  // namespace verdict
