#pragma once

#include <string_view>

namespace verdict {

// A file that is built into the program, by its name in gateway/dialects/CMakeLists.txt; empty where there is none of that name.
std::string_view EmbeddedFile(std::string_view name);

}  // namespace verdict
