// config.json of a model directory.
#include <string>

#include "services/classifier/model/model_config.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {

void Fuzz(std::string_view bytes) {
  auto file = JsonFile::Parse("config.json", bytes);
  if (!file.ok()) {
    Expect(std::string(file.status().message()).starts_with("config.json"), "an error names the file");
    return;
  }
  const auto config = ModelConfig::FromJson(*std::move(file));
  if (!config.ok()) {
    Expect(config.status().message().find('\n') == std::string_view::npos, "an error is one line");
    Expect(std::string(config.status().message()).starts_with("config.json"), "an error names the file");
    return;
  }
  Expect(!config->labels.empty() && config->labels.size() <= 1'000'000, "there are labels, and not too many");
}

}  // namespace verdict
