#pragma once

#include <cstdint>

namespace verdict {

// Makes the soft limit of open descriptors the hard one; returns what it is then, the largest number for no limit. The soft one
// is often 1024, for the sake of programs that use select(), which ours do not. For the start of a program; its children inherit
// it.
uint64_t RaiseDescriptorLimit();

}  // namespace verdict
