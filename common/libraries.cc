#include "common/libraries.h"

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

}  // namespace

void SetUpLibraries() {
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  gpr_set_log_function(LogGrpc);
  google::protobuf::SetLogHandler(LogProtobuf);
}

}  // namespace verdict
