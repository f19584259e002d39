#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "services/classifier/api/backend.h"
#include "services/classifier/model/model_directory.h"

namespace verdict {

// Loads a bundle (model.pt) with libverdict_torchscript.so, which is opened when the first bundle is loaded: LibTorch takes a
// quarter of a second and 100 MB that other models shall not pay. Errors: kUnimplemented when the library is not beside this
// program (in
// ../lib, seen from its folder); those of LoadTorchScriptBackend.
absl::StatusOr<std::unique_ptr<Backend>> LoadTorchScriptLibrary(const ModelDirectory& directory, int threads);

}  // namespace verdict
