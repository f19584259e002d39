#pragma once

namespace verdict {

// Sends what gRPC and protobuf have to say through our log, so that every line on stderr is one JSON object, and at level
// debug. Call once, before the first use of either.
void RouteLibraryLogs();

}  // namespace verdict
