// What libverdict_torchscript.so exports. Both sides come from one build: the types need no stable layout.
#include <memory>

#include "services/classifier/torchscript/torchscript_backend.h"

extern "C" [[gnu::visibility("default")]] void VerdictLoadTorchScript(
    const verdict::ModelDirectory* directory, int threads, absl::StatusOr<std::unique_ptr<verdict::Backend>>* backend) {
  *backend = verdict::LoadTorchScriptBackend(*directory, threads);
}
