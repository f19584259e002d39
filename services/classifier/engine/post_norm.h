#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/functional/function_ref.h"
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
  Linear query, key, value, attention_output;
  LayerNorm attention_norm;
  Linear intermediate, output;
  LayerNorm output_norm;

  static PostNormLayer Take(TensorSource& source, const std::string& layer, const PostNormShape& shape,
                            const PostNormNames& names = {});

  // x: [tokens, hidden]; `attend` maps queries, keys and values of that shape to the attended values.
  using Attend = absl::FunctionRef<at::Tensor(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v)>;
  at::Tensor operator()(const at::Tensor& x, Activation activation, Attend attend) const;
};

// out(act(dense(x of the first token))): the classification head of these architectures.
struct FirstTokenHead {
  Linear dense, out;
  Activation activation;

  static FirstTokenHead Take(TensorSource& source, const std::string& dense, const std::string& out, int64_t hidden,
                             const ModelConfig& config, Activation activation);
  at::Tensor operator()(const at::Tensor& x, const std::vector<int64_t>& offsets) const;
};

// Everything between token ids and logits.
struct PostNormParts {
  Precision precision = Precision::kFp32;  // of the layers; MakePostNormEncoder sets it
  PostNormShape shape;
  Embeddings embeddings;
  std::optional<Linear> projection;  // of the embeddings to the hidden size
  std::vector<PostNormLayer> layers;
  std::vector<size_t> order;  // which layer runs at each step; empty: all, one after the other
  FirstTokenHead head;
  // Added to the attention scores of a sequence of this length, in all layers: [heads, length, length]. May be empty.
  std::function<at::Tensor(int64_t length)> attention_bias;
};

// Takes layers "<prefix>0", "<prefix>1", … as many as the shape says.
std::vector<PostNormLayer> TakeLayers(TensorSource& source, const std::string& prefix, const PostNormShape& shape,
                                      const PostNormNames& names = {});

// The encoder of these parts, unless reading them has failed.
absl::StatusOr<std::unique_ptr<Encoder>> MakePostNormEncoder(PostNormParts parts, const TensorSource& source);

}  // namespace verdict
