#include <csignal>
#include <cstdio>

#include "common/logging.h"
#include "gateway/options.h"
#include "gateway/run.h"
#include "process/descriptor_limit.h"
#include "process/libraries.h"
#include "process/shutdown_signal.h"

int main(int argc, char** argv) {
  verdict::ShutdownSignal shutdown;
  std::signal(SIGPIPE, SIG_IGN);  // a reader of our log that goes away shall not take us along
  const verdict::ParsedOptions parsed = verdict::ParseGatewayOptions(argc, argv);
  if (parsed.outcome.exit) {
    std::fputs(parsed.outcome.text.c_str(), parsed.outcome.exit_code == 0 ? stdout : stderr);
    return parsed.outcome.exit_code;
  }
  verdict::InitLogging("verdict-gateway", parsed.options.log_level);
  const verdict::LogWriter log_writer;
  verdict::RaiseDescriptorLimit();
  verdict::SetUpLibraries();
  verdict::LogInfo("options", {{"options", verdict::LogJson{parsed.effective}}, {"set_by", verdict::LogJson{parsed.sources}}});
  return parsed.options.serve ? verdict::RunServe(parsed.options, shutdown) : verdict::RunGateway(parsed.options, shutdown);
}
