#pragma once

#include <string>

namespace verdict {

// Appends a score of any size as a JSON number: the float as a double, in the shortest digits that read back as the same double,
// written as Python writes it (0.9822999835014343, -3.25, 2.0, 1e-08, 1e+20). JSON has no other numbers, so what is none counts
// as 0 and the infinite ones as the largest float.
void AppendScore(std::string& out, float score);

}  // namespace verdict
