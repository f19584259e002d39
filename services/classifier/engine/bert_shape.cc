#include "services/classifier/engine/bert_shape.h"

namespace verdict {

PostNormShape ReadBertShape(ConfigReader& reader, const PostNormShape& defaults) {
  PostNormShape shape;
  shape.hidden = reader.Width("hidden_size", defaults.hidden);
  shape.layers = reader.Count("num_hidden_layers", defaults.layers);
  shape.heads = reader.Count("num_attention_heads", defaults.heads);
  shape.intermediate = reader.Width("intermediate_size", defaults.intermediate);
  shape.epsilon = reader.Number("layer_norm_eps", 1, defaults.epsilon);
  shape.activation = reader.Act("hidden_act", defaults.activation == Activation::kGeluTanh ? "gelu_new" : "gelu");
  reader.MustBe("position_embedding_type", "absolute");
  reader.MustBeFalse("is_decoder", "decoders are not supported");
  reader.MustDivide("num_attention_heads", shape.heads, "hidden_size", shape.hidden);
  return shape;
}

}  // namespace verdict
