#include "process/libraries.h"

#include <malloc.h>

#include "absl/synchronization/mutex.h"
#include "common/logging.h"
#include "google/protobuf/stubs/logging.h"
#include "grpc/support/log.h"

namespace verdict {
namespace {

// What matters of it comes back as a status as well, and is logged in our words.
void LogGrpc(gpr_log_func_args* args) { LogDebug(args->message, {{"library", "grpc"}}); }

void LogProtobuf(google::protobuf::LogLevel, const char*, int, const std::string& message) {
  LogDebug(message, {{"library", "protobuf"}});  // what it complains of, bad UTF-8, is answered to the caller
}

// glibc raises the size from which memory has mappings of its own, and with it what it keeps of a thread's freed memory, up to 64
// MB, which malloc_trim does not give back: a few bodies of 25 MB, or tensors that are widened while a model is laid out, would
// stay in part for ever.
void GiveFreedMemoryBack() {
  constexpr int kBytes = 1 << 20;
  mallopt(M_MMAP_THRESHOLD, kBytes);
  mallopt(M_TRIM_THRESHOLD, kBytes);
}

}  // namespace

void SetUpLibraries() {
  GiveFreedMemoryBack();
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  gpr_set_log_function(LogGrpc);
  google::protobuf::SetLogHandler(LogProtobuf);
}

}  // namespace verdict
