#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"

namespace verdict {

// A line of a file that an operator wrote, as words between spaces.
struct WordLine {
  size_t number = 0;  // from 1
  std::vector<std::string> words;
};

// All lines but blank ones and comments, which begin with "#".
std::vector<WordLine> SplitWordLines(std::string_view text);

// kInvalidArgument for what is wrong with a line.
absl::Status BadLine(const WordLine& line, std::string_view problem);

}  // namespace verdict
