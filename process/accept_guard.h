#pragma once

#include <cstdint>

namespace verdict {

// A program that links this accepts no connection for which there would hardly be a descriptor: accept4 closes it at once and
// goes on to the next. gRPC as Debian 12 has it (1.51) does not listen any more, for good and without a word that it does not,
// once accept4 has failed for want of descriptors, which anybody brings about who opens enough connections
// (docs/adr/2026-11-27-descriptors-and-grpc.md). A quarter of the limit, 64 at most, stays for files and for what else there is;
// half of that is for connections over Unix sockets, such as that of the gateway of `serve`.
//
// How many connections were closed. Thread-safe.
uint64_t ConnectionsWithoutDescriptor();

}  // namespace verdict
