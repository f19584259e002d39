#include "services/classifier/engine/architectures.h"
#include "services/classifier/engine/bert_shape.h"
#include "services/classifier/engine/config_reader.h"
#include "services/classifier/engine/post_norm.h"

namespace verdict {

absl::StatusOr<std::unique_ptr<Encoder>> BuildRoberta(const ModelConfig& config, TensorSource& source) {
  ConfigReader reader(config.file);
  PostNormParts parts;
  parts.shape = ReadBertShape(reader);
  const int64_t pad = reader.Integer("pad_token_id", 0, 1 << 24, 1);
  if (!reader.status().ok()) return reader.status();
  parts.embeddings = Embeddings::Take(source, {.prefix = "roberta.embeddings.",
                                               .width = parts.shape.hidden,
                                               .epsilon = parts.shape.epsilon,
                                               .positions = {.first = pad + 1, .skipped_id = static_cast<int32_t>(pad)}});
  parts.layers = TakeLayers(source, "roberta.encoder.layer.", parts.shape);
  parts.head =
      FirstTokenHead::Take(source, "classifier.dense", "classifier.out_proj", parts.shape.hidden, config, Activation::kTanh);
  return MakePostNormEncoder(std::move(parts), source);
}

}  // namespace verdict
