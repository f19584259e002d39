#pragma once

namespace verdict {

// What gRPC, protobuf and abseil are told before their first use: their log lines become ours, at level debug, and their mutexes
// are not watched for deadlocks. Debian builds abseil with that watch on; it takes a global lock for each mutex that is locked.
// And the C library: memory of large requests and models is given back once it is freed.
void SetUpLibraries();

}  // namespace verdict
