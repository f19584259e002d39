#include "services/classifier/engine/architectures.h"
#include "services/classifier/engine/bert_shape.h"
#include "services/classifier/engine/config_reader.h"
#include "services/classifier/engine/post_norm.h"

namespace verdict {

absl::StatusOr<std::unique_ptr<Encoder>> BuildBert(const ModelConfig& config, TensorSource& source) {
  ConfigReader reader(config.file);
  PostNormParts parts;
  parts.shape = ReadBertShape(reader);
  if (!reader.status().ok()) return reader.status();
  parts.embeddings =
      Embeddings::Take(source, {.prefix = "bert.embeddings.", .width = parts.shape.hidden, .epsilon = parts.shape.epsilon});
  parts.layers = TakeLayers(source, "bert.encoder.layer.", parts.shape);
  parts.head = FirstTokenHead::Take(source, "bert.pooler.dense", "classifier", parts.shape.hidden, config, Activation::kTanh);
  return MakePostNormEncoder(std::move(parts), source);
}

}  // namespace verdict
