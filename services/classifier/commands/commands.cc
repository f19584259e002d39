#include "services/classifier/commands/commands.h"

#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <filesystem>
#include <iostream>
#include <system_error>

#include "process/cpu_limit.h"
#include "services/classifier/commands/describe_model.h"
#include "services/classifier/repository/load_model.h"
#include "services/classifier/repository/verify_golden.h"

namespace verdict {
namespace {

int Verify(ModelClassifier::Parts& parts, const std::string& golden) {
  const auto report = VerifyGoldenFile(parts, golden);
  if (!report.ok()) {
    std::cerr << report.status().message() << "\n";
    return 1;
  }
  std::cout << Describe(*report);
  return report->passed() ? 0 : 1;
}

}  // namespace

int ExecGateway(char** argv) {
  std::error_code error;
  const std::filesystem::path self = std::filesystem::read_symlink("/proc/self/exe", error);
  const std::string gateway = (self.parent_path() / "verdict-gateway").string();
  argv[0] = const_cast<char*>(gateway.c_str());
  execv(gateway.c_str(), argv);
  std::cerr << "verdict-service: serve: cannot run " << gateway << ": " << std::strerror(errno) << "\n";
  return 1;
}

Commands::Commands(CLI::App& app)
    : verify_(app.add_subcommand(
          "verify",
          "Replays golden answers on a model directory and prints how far the answers differ; exit status 1 when "
          "token ids or labels differ, or a probability by more than 1e-5; in bf16 0.04, and labels may differ where the best "
          "two are closer than 0.05")),
      inspect_(app.add_subcommand(
          "inspect", "Prints what is understood of a model directory: architecture, tokenizer, limits, memory, labels")) {
  for (CLI::App* command : {verify_, inspect_}) command->add_option("MODEL_DIR", model_dir_, "Model directory")->required();
  verify_->add_option("GOLDEN", golden_, "Golden answers, one JSON object per line; tests/golden/README.md says what they hold")
      ->required();
  app.require_subcommand(0, 1);
  app.footer(
      "`verdict-service serve` runs verdict-gateway with a service of its own in one container; `verdict-service serve --help` "
      "shows its flags.");
}

bool Commands::chosen() const { return verify_->parsed() || inspect_->parsed(); }

int Commands::Run(const ServiceOptions& options) const {
  const int threads = options.threads > 0 ? options.threads : AvailableProcessors();
  auto parts = LoadModel(options.model_name, model_dir_,
                         {.precision = options.precision, .threads = threads, .allow_torchscript = options.allow_torchscript});
  if (!parts.ok()) {
    std::cerr << parts.status().message() << "\n";
    return 1;
  }
  if (verify_->parsed()) return Verify(*parts, golden_);
  std::cout << DescribeModel(*parts);
  return 0;
}

}  // namespace verdict
