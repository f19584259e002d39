#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/status/statusor.h"
#include "services/classifier/engine/layers.h"
#include "services/classifier/model/model_config.h"

namespace verdict {

// A classifier built from tensors: one subclass per architecture. Immutable, and so used by several passes at the same time.
class Encoder {
 public:
  virtual ~Encoder() = default;

  // Writes the logits, [sequences, labels]. The caller has checked token ids, types and lengths against the limits below.
  virtual void Forward(const Pass& pass, float* logits) const = 0;

  virtual int max_tokens() const = 0;
  // Whether max_tokens() is only what the configuration names, and positions go on beyond it.
  virtual bool soft_limit() const { return false; }
  virtual int vocabulary_size() const = 0;
  // Token types below this have an embedding; 0: types are not read.
  virtual int token_types() const { return 0; }
};

// Builds an encoder. Errors: kInvalidArgument, naming config.json's member or the tensor.
using EncoderBuilder = std::function<absl::StatusOr<std::unique_ptr<Encoder>>(const ModelConfig&, TensorSource&)>;

// The builder of a model_type. Error: kInvalidArgument that lists those which exist.
absl::StatusOr<EncoderBuilder> FindEncoderBuilder(const ModelConfig& config);

}  // namespace verdict
