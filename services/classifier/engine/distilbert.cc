#include "services/classifier/engine/architectures.h"
#include "services/classifier/engine/config_reader.h"
#include "services/classifier/engine/post_norm.h"

namespace verdict {
namespace {

constexpr double kEpsilon = 1e-12;  // a constant of the architecture, no member of its configuration

const PostNormNames& Names() {
  static const PostNormNames& names = *new PostNormNames{.query = "attention.q_lin",
                                                         .key = "attention.k_lin",
                                                         .value = "attention.v_lin",
                                                         .attention_output = "attention.out_lin",
                                                         .attention_norm = "sa_layer_norm",
                                                         .intermediate = "ffn.lin1",
                                                         .output = "ffn.lin2",
                                                         .output_norm = "output_layer_norm"};
  return names;
}

}  // namespace

// Sinusoidal positions (sinusoidal_pos_embds) are in the file like learned ones.
absl::StatusOr<std::unique_ptr<Encoder>> BuildDistilBert(const ModelConfig& config, TensorSource& source) {
  ConfigReader reader(config.file);
  PostNormParts parts;
  parts.shape = {.hidden = reader.Width("dim", 768),
                 .layers = reader.Count("n_layers", 6),
                 .heads = reader.Count("n_heads", 12),
                 .intermediate = reader.Width("hidden_dim", 3072),
                 .epsilon = kEpsilon,
                 .activation = reader.Act("activation", "gelu")};
  reader.MustDivide("n_heads", parts.shape.heads, "dim", parts.shape.hidden);
  if (!reader.status().ok()) return reader.status();
  parts.embeddings = Embeddings::Take(
      source, {.prefix = "distilbert.embeddings.", .width = parts.shape.hidden, .epsilon = kEpsilon, .has_types = false});
  parts.layers = TakeLayers(source, "distilbert.transformer.layer.", parts.shape, Names());
  parts.head = FirstTokenHead::Take(source, "pre_classifier", "classifier", parts.shape.hidden, config, Activation::kRelu);
  return MakePostNormEncoder(std::move(parts), source);
}

}  // namespace verdict
