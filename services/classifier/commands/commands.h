#pragma once

#include <string>

#include "CLI/CLI.hpp"
#include "services/classifier/options.h"

namespace verdict {

// Replaces this process by `verdict-gateway serve …`, found beside this program: one image's entry point does for both. Returns
// only when that failed, with the exit status.
int ExecGateway(char** argv);

// The sub commands that answer and exit: `verify MODEL_DIR GOLDEN` and `inspect MODEL_DIR`.
class Commands {
 public:
  explicit Commands(CLI::App& app);

  bool chosen() const;
  // Runs the chosen command and returns the exit status.
  int Run(const ServiceOptions& options) const;

 private:
  CLI::App* verify_;
  CLI::App* inspect_;
  std::string model_dir_;
  std::string golden_;
};

}  // namespace verdict
