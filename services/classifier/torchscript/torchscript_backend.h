#pragma once

#include <memory>

#include "absl/status/statusor.h"
#include "services/classifier/api/backend.h"
#include "services/classifier/model/model_directory.h"

namespace verdict {

// Loads model.pt, a traced or scripted classifier whose forward takes any of the arguments input_ids, attention_mask and
// token_type_ids (int64 [batch, length]) and returns the logits [batch, labels]: as a tensor, as the first member of a tuple, or
// as the member "logits" of a dict. Batches are padded, texts of like length together. Loading runs code of the file: use files
// you trust. Errors: kInvalidArgument that names the file and the argument that does not fit, kInternal.
absl::StatusOr<std::unique_ptr<Backend>> LoadTorchScriptBackend(const ModelDirectory& directory, int threads);

}  // namespace verdict
