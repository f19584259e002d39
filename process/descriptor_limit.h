#pragma once

#include <cstdint>

namespace verdict {

// How many descriptors this process may have open; the largest number: no limit is known.
uint64_t DescriptorLimit();

// Makes the soft limit, which is the one that counts, the hard one; returns what it is then. The soft one is often 1024, for the
// sake of programs that use select(), which ours do not. For the start of a program; its children inherit it.
uint64_t RaiseDescriptorLimit();

}  // namespace verdict
