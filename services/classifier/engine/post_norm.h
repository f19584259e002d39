#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
#include "services/classifier/engine/attention.h"
#include "services/classifier/engine/embeddings.h"
#include "services/classifier/engine/encoder.h"
#include "services/classifier/engine/layers.h"

namespace verdict {

// The post-norm encoder of BERT (Devlin et al., arXiv:1810.04805) and of the many architectures that differ from it in names, in
// positions and in the head.

// Names of a layer's tensors below the layer's own name; the defaults are BERT's.
struct PostNormNames {
  std::string query = "attention.self.query", key = "attention.self.key", value = "attention.self.value";
  std::string attention_output = "attention.output.dense", attention_norm = "attention.output.LayerNorm";
  std::string intermediate = "intermediate.dense", output = "output.dense", output_norm = "output.LayerNorm";
};

struct PostNormShape {
  int64_t hidden = 0, layers = 0, heads = 0, intermediate = 0;
  double epsilon = 0;
  Activation activation = Activation::kGelu;
};

struct PostNormLayer {
  Linear query_key_value, attention_output;
  LayerNorm attention_norm;
  Linear intermediate, output;
  LayerNorm output_norm;

  static PostNormLayer Take(TensorSource& source, const std::string& layer, const PostNormShape& shape,
                            const PostNormNames& names = {});

  // Maps queries, keys and values, side by side in `qkv` [tokens, 3 * hidden], to the attended values.
  using Attend = absl::FunctionRef<void(const void* qkv, Queries queries, const InputRows& to)>;
  struct Ways {
    Activation activation;
    NumberType projections;  // of qkv: fp32 or bf16
    Attend attend;
  };

  // Replaces x by the layer's outcome.
  void operator()(const Pass& pass, const Hidden& x, const Ways& ways) const;

  // The outcome for the first token of each sequence alone, to `first` [sequences, hidden]: all that a head reads of the last
  // layer. The same to the last bit, for keys and values and little else.
  void ForFirstTokens(const Pass& pass, const Hidden& x, const Ways& ways, const Hidden& first) const;

 private:
  void AfterAttention(const Pass& pass, const InputRows& attended, const Hidden& x, Activation activation) const;
  void FeedForward(const Pass& pass, const InputRows& attended, const Hidden& x, Activation activation) const;
};

// The arguments of attention over `qkv`, as PostNormLayer hands it out.
AttentionInput AttentionOver(const void* qkv, NumberType type, const PostNormShape& shape);

// out(act(dense(x of the first token))): the classification head of these architectures.
struct FirstTokenHead {
  Linear dense, out;
  Activation activation;

  static FirstTokenHead Take(TensorSource& source, const std::string& dense, const std::string& out, int64_t hidden,
                             const ModelConfig& config, Activation activation);
  // first: [sequences, hidden].
  void operator()(const Pass& pass, const float* first, float* logits) const;
};

// Everything between token ids and logits.
struct PostNormParts {
  PostNormShape shape;
  Embeddings embeddings;
  std::optional<Linear> projection;  // of the embeddings to the hidden size
  std::vector<PostNormLayer> layers;
  std::vector<size_t> order;  // which layer runs at each step; empty: all, one after the other
  FirstTokenHead head;
  // Of each head, what is added to a score for the distance key - query, from -(length - 1) to length - 1: [heads, 2 * length -
  // 1]. May be empty.
  std::function<std::vector<float>(int64_t length)> distance_bias;
};

// Takes layers "<prefix>0", "<prefix>1", … as many as the shape says.
std::vector<PostNormLayer> TakeLayers(TensorSource& source, const std::string& prefix, const PostNormShape& shape,
                                      const PostNormNames& names = {});

// The encoder of these parts, unless reading them has failed.
absl::StatusOr<std::unique_ptr<Encoder>> MakePostNormEncoder(PostNormParts parts, const TensorSource& source);

}  // namespace verdict
