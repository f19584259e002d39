#include "absl/strings/str_cat.h"
#include "services/classifier/engine/architectures.h"
#include "services/classifier/engine/bert_shape.h"
#include "services/classifier/engine/config_reader.h"
#include "services/classifier/engine/post_norm.h"

namespace verdict {
namespace {

const PostNormNames& Names() {
  static const PostNormNames& names = *new PostNormNames{.query = "attention.query",
                                                         .key = "attention.key",
                                                         .value = "attention.value",
                                                         .attention_output = "attention.dense",
                                                         .attention_norm = "attention.LayerNorm",
                                                         .intermediate = "ffn",
                                                         .output = "ffn_output",
                                                         .output_norm = "full_layer_layer_norm"};
  return names;
}

// The layers are divided among the groups in equal runs; every layer of a run executes all inner layers of its group.
std::vector<size_t> Order(int64_t layers, int64_t groups, int64_t inner) {
  std::vector<size_t> order;
  for (int64_t i = 0; i < layers; ++i) {
    // As transformers computes it, rounding included.
    const auto group = static_cast<int64_t>(static_cast<double>(i) / (static_cast<double>(layers) / static_cast<double>(groups)));
    for (int64_t j = 0; j < inner; ++j) order.push_back(static_cast<size_t>(group * inner + j));
  }
  return order;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Encoder>> BuildAlbert(const ModelConfig& config, TensorSource& source) {
  ConfigReader reader(config.file);
  PostNormParts parts;
  parts.shape = ReadBertShape(
      reader,
      {.hidden = 4096, .layers = 12, .heads = 64, .intermediate = 16384, .epsilon = 1e-12, .activation = Activation::kGeluTanh});
  const int64_t width = reader.Width("embedding_size", 128);
  const int64_t groups = reader.Count("num_hidden_groups", 1);
  const int64_t inner = reader.Count("inner_group_num", 1);
  if (!reader.status().ok()) return reader.status();
  if (groups > parts.shape.layers) return config.file.Error("num_hidden_groups", "more groups than layers");
  parts.embeddings = Embeddings::Take(source, {.prefix = "albert.embeddings.", .width = width, .epsilon = parts.shape.epsilon});
  parts.projection =
      Linear::TakeExact(source, "albert.encoder.embedding_hidden_mapping_in", {.out = parts.shape.hidden, .in = width});
  for (int64_t group = 0; group < groups && source.ok(); ++group) {
    for (int64_t i = 0; i < inner && source.ok(); ++i) {
      const std::string name = absl::StrCat("albert.encoder.albert_layer_groups.", group, ".albert_layers.", i);
      parts.layers.push_back(PostNormLayer::Take(source, name, parts.shape, Names()));
    }
  }
  parts.order = Order(parts.shape.layers, groups, inner);
  parts.head = FirstTokenHead::Take(source, "albert.pooler", "classifier", parts.shape.hidden, config, Activation::kTanh);
  return MakePostNormEncoder(std::move(parts), source);
}

}  // namespace verdict
