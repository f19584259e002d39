// config.json against weights that it may not fit: a byte that chooses a model of tests/golden/architectures, whose weights are
// taken, then the config.
#include <algorithm>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "services/classifier/engine/load_backend.h"
#include "tests/fuzz/fuzz_target.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

// Directories with the weights of each model, and a place for a config.
class Models {
 public:
  Models() {
    std::vector<std::filesystem::path> sources;
    for (const auto& entry : std::filesystem::directory_iterator(VERDICT_SOURCE_DIR "/tests/golden/architectures")) {
      sources.push_back(entry.path());
    }
    std::sort(sources.begin(), sources.end());
    for (const auto& source : sources) {
      const auto directory = root_.path() / source.filename();
      std::filesystem::create_directory(directory);
      std::filesystem::copy_file(source / "model.safetensors", directory / "model.safetensors");
      names_.push_back(source.filename());
    }
  }
  size_t size() const { return names_.size(); }

  absl::StatusOr<ModelDirectory> WithConfig(size_t index, std::string_view config) const {
    root_.Write(names_[index] + "/config.json", std::string(config));
    return ModelDirectory::Read(root_.path() / names_[index]);
  }

 private:
  const TempDirectory root_;
  std::vector<std::string> names_;
};

}  // namespace

void Fuzz(std::string_view bytes) {
  static const Models kModels;
  FuzzInput input(bytes);
  const size_t index = input.Number(kModels.size() - 1);
  const auto directory = kModels.WithConfig(index, input.Rest());
  if (!directory.ok()) return;
  // Runs a pass of its own as well.
  const auto backend = LoadBackend(*directory, {.precision = "fp32", .threads = 1});
  if (!backend.ok()) {
    Expect(backend.status().message().find('\n') == std::string_view::npos, "an error is one line");
    return;
  }
  const BackendInfo& info = (*backend)->info();
  Expect(info.num_labels > 0 && info.max_tokens > 0 && info.vocabulary_size > 0, "a model has labels, and takes tokens");
  TokenSequence sequence;
  sequence.ids.assign(static_cast<size_t>(std::min(info.max_tokens, 48)), info.vocabulary_size - 1);
  sequence.type_ids.assign(sequence.ids.size(), 0);
  (void)(*backend)->Forward({&sequence});
}

}  // namespace verdict
