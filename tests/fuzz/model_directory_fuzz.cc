// A model directory without its tokenizer: files as tests/fuzz/file_bundle.h has them.
#include <string>

#include "services/classifier/model/model_directory.h"
#include "services/classifier/model/safetensors.h"
#include "tests/fuzz/file_bundle.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {

void Fuzz(std::string_view bytes) {
  static const FileBundle kFiles({"config.json", "metadata.json", "model.safetensors", "model.safetensors.index.json", "model.pt",
                                  "pytorch_model.bin", "a.safetensors", "b.safetensors"});
  kFiles.Write(bytes);
  const auto directory = ModelDirectory::Read(kFiles.path());
  if (!directory.ok()) {
    Expect(directory.status().message().find('\n') == std::string_view::npos, "an error is one line");
    return;
  }
  Expect(!directory->version.empty(), "a model has a version");
  if (directory->format == ModelDirectory::Format::kShardedSafetensors) {
    const auto weights = Weights::OpenSharded(directory->weights);
    Expect(weights.ok() || !weights.status().message().empty(), "an error says what is wrong");
  }
}

}  // namespace verdict
