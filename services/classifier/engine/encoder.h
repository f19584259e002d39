#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/engine/layers.h"
#include "services/classifier/model/model_config.h"

namespace verdict {

// A classifier built from tensors: one subclass per architecture. Forward runs under inference mode and may throw LibTorch's
// exceptions, which NativeBackend catches.
class Encoder {
 public:
  virtual ~Encoder() = default;

  // Logits [sequences, labels], fp32.
  virtual at::Tensor Forward(const PackedTokens& tokens) const = 0;

  virtual int max_tokens() const = 0;
  // Whether max_tokens() is only what the configuration names, and positions go on beyond it.
  virtual bool soft_limit() const { return false; }
  virtual int vocabulary_size() const = 0;
};

// Builds an encoder. Errors: kInvalidArgument, naming config.json's member or the tensor.
using EncoderBuilder = std::function<absl::StatusOr<std::unique_ptr<Encoder>>(const ModelConfig&, TensorSource&)>;

// The builder of a model_type. Error: kInvalidArgument that lists those which exist.
absl::StatusOr<EncoderBuilder> FindEncoderBuilder(const ModelConfig& config);

}  // namespace verdict
