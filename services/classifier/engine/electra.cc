#include "services/classifier/engine/architectures.h"
#include "services/classifier/engine/bert_shape.h"
#include "services/classifier/engine/config_reader.h"
#include "services/classifier/engine/post_norm.h"

namespace verdict {

absl::StatusOr<std::unique_ptr<Encoder>> BuildElectra(const ModelConfig& config, TensorSource& source) {
  ConfigReader reader(config.file);
  PostNormParts parts;
  parts.shape = ReadBertShape(reader, {.hidden = 256, .layers = 12, .heads = 4, .intermediate = 1024, .epsilon = 1e-12});
  const int64_t width = reader.Width("embedding_size", 128);
  if (!reader.status().ok()) return reader.status();
  parts.embeddings = Embeddings::Take(source, {.prefix = "electra.embeddings.", .width = width, .epsilon = parts.shape.epsilon});
  if (width != parts.shape.hidden) {
    parts.projection = Linear::TakeExact(source, "electra.embeddings_project", {.out = parts.shape.hidden, .in = width});
  }
  parts.layers = TakeLayers(source, "electra.encoder.layer.", parts.shape);
  parts.head =
      FirstTokenHead::Take(source, "classifier.dense", "classifier.out_proj", parts.shape.hidden, config, Activation::kGelu);
  return MakePostNormEncoder(std::move(parts), source);
}

}  // namespace verdict
