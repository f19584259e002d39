#include <ATen/ATen.h>

#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "services/classifier/engine/architectures.h"
#include "services/classifier/engine/config_reader.h"
#include "services/classifier/engine/local_attention.h"
#include "services/classifier/engine/rotary_positions.h"

namespace verdict {
namespace {

struct ModernBertShape {
  int64_t hidden = 0, layers = 0, heads = 0, intermediate = 0, max_tokens = 0;
  double epsilon = 0;
  Activation activation = Activation::kGelu, head_activation = Activation::kGelu;
  bool norm_bias = false, attention_bias = false, mlp_bias = false, head_bias = false;
  bool mean_pooling = false;
  int64_t reach = 0;  // of local attention, to each side
  double global_theta = 0, local_theta = 0;
  std::vector<bool> is_local;  // by layer
};

// Which layers attend locally: a list of names, or, in older files, every layer but each n-th.
std::vector<bool> ReadLayerTypes(ConfigReader& reader, int64_t layers) {
  std::vector<bool> is_local;
  const auto* types = reader.file().Find("layer_types");
  const int64_t period = reader.Count("global_attn_every_n_layers", 3);
  if (types == nullptr) {
    for (int64_t i = 0; i < layers; ++i) is_local.push_back(i % period != 0);
    return is_local;
  }
  if (types->is_array()) {
    for (const auto& type : types->get_array()) {
      const bool local = type.is_string() && type.get_string() == "sliding_attention";
      if (!local && !(type.is_string() && type.get_string() == "full_attention")) break;
      is_local.push_back(local);
    }
  }
  if (is_local.size() != static_cast<size_t>(layers) || types->get_array().size() != is_local.size()) {
    reader.Fail(reader.file().Error(
        "layer_types", absl::StrCat("expected ", layers, " strings, each \"full_attention\" or \"sliding_attention\"")));
  }
  return is_local;
}

// rope_parameters.<kind>.rope_theta, or the member that older files have.
double ReadTheta(ConfigReader& reader, const char* kind, const char* old_member, double fallback) {
  const double old = reader.Number(old_member, 1e12, fallback);
  const auto* parameters = reader.file().Find("rope_parameters");
  if (parameters == nullptr) return old;
  const auto* by_kind = parameters->is_object() ? parameters->get_object().if_contains(kind) : nullptr;
  if (by_kind == nullptr || by_kind->is_null()) return old;
  const auto error = [&](const char* problem) {
    reader.Fail(reader.file().Error(absl::StrCat("rope_parameters.", kind), problem));
    return old;
  };
  if (!by_kind->is_object()) return error("expected an object");
  const auto* type = by_kind->get_object().if_contains("rope_type");
  if (type != nullptr && !(type->is_string() && type->get_string() == "default")) {
    return error("rope_type: only \"default\" is supported");
  }
  const auto* theta = by_kind->get_object().if_contains("rope_theta");
  if (theta == nullptr) return old;
  boost::system::error_code code;
  const auto value = theta->to_number<double>(code);
  if (code || !(value > 0 && value <= 1e12)) return error("rope_theta: expected a positive number");
  return value;
}

ModernBertShape ReadShape(ConfigReader& reader) {
  ModernBertShape shape;
  shape.hidden = reader.Width("hidden_size", 768);
  shape.layers = reader.Count("num_hidden_layers", 22);
  shape.heads = reader.Count("num_attention_heads", 12);
  shape.intermediate = reader.Width("intermediate_size", 1152);
  shape.max_tokens = reader.Integer("max_position_embeddings", 1, 1 << 20, 8192);
  shape.epsilon = reader.Number("norm_eps", 1, 1e-5);
  shape.activation = reader.Act("hidden_activation", "gelu");
  shape.head_activation = reader.Act("classifier_activation", "gelu");
  shape.norm_bias = reader.Boolean("norm_bias", false);
  shape.attention_bias = reader.Boolean("attention_bias", false);
  shape.mlp_bias = reader.Boolean("mlp_bias", false);
  shape.head_bias = reader.Boolean("classifier_bias", false);
  const std::string pooling = reader.String("classifier_pooling", "cls");
  shape.mean_pooling = pooling == "mean";
  if (pooling != "mean" && pooling != "cls") {
    reader.Fail(reader.file().Error("classifier_pooling", absl::StrCat("\"", pooling, "\" is neither \"cls\" nor \"mean\"")));
  }
  shape.reach = reader.Integer("local_attention", 1, 1 << 20, 128) / 2;
  shape.is_local = ReadLayerTypes(reader, shape.layers);
  if (reader.file().Find("rope_scaling") != nullptr) {
    reader.Fail(reader.file().Error("rope_scaling", "scaled rotary positions are not supported"));
  }
  shape.global_theta = ReadTheta(reader, "full_attention", "global_rope_theta", 160000);
  shape.local_theta = ReadTheta(reader, "sliding_attention", "local_rope_theta", 10000);
  reader.MustDivide("num_attention_heads", shape.heads, "hidden_size", shape.hidden);
  if (shape.hidden / shape.heads % 2 != 0) {
    reader.Fail(reader.file().Error("num_attention_heads", "heads of an odd width cannot be rotated"));
  }
  return shape;
}

struct ModernBertLayer {
  std::optional<LayerNorm> attention_norm;  // the first layer has none: the embeddings are normalised
  Linear qkv, attention_output;
  LayerNorm mlp_norm;
  Linear input_and_gate, output;
  bool is_local;

  static ModernBertLayer Take(TensorSource& source, int64_t index, const ModernBertShape& shape) {
    const std::string name = absl::StrCat("model.layers.", index, ".");
    const auto norm = [&](const char* part) {
      return LayerNorm::Take(source, name + part, shape.hidden, shape.epsilon, shape.norm_bias);
    };
    return {index == 0 ? std::nullopt : std::optional(norm("attn_norm")),
            Linear::Take(source, name + "attn.Wqkv", 3 * shape.hidden, shape.hidden, shape.attention_bias),
            Linear::Take(source, name + "attn.Wo", shape.hidden, shape.hidden, shape.attention_bias),
            norm("mlp_norm"),
            Linear::Take(source, name + "mlp.Wi", 2 * shape.intermediate, shape.hidden, shape.mlp_bias),
            Linear::Take(source, name + "mlp.Wo", shape.hidden, shape.intermediate, shape.mlp_bias),
            shape.is_local[static_cast<size_t>(index)]};
  }

  at::Tensor Attend(const at::Tensor& x, const PackedTokens& tokens, const RotaryPositions::Angles& angles,
                    const ModernBertShape& shape) const {
    const at::Tensor parts = qkv(x).view({x.size(0), 3, shape.heads, shape.hidden / shape.heads});
    const at::Tensor q = RotaryPositions::Rotate(parts.select(1, 0), angles);
    const at::Tensor k = RotaryPositions::Rotate(parts.select(1, 1), angles);
    const int64_t reach = is_local ? shape.reach : x.size(0);
    return attention_output(LocalAttention(q, k, parts.select(1, 2), tokens.offsets, reach));
  }

  at::Tensor operator()(at::Tensor x, const PackedTokens& tokens, const RotaryPositions::Angles& angles,
                        const ModernBertShape& shape) const {
    x = x + Attend(attention_norm ? (*attention_norm)(x) : x, tokens, angles, shape);
    const auto halves = input_and_gate(mlp_norm(x)).chunk(2, -1);
    return x + output(Activate(halves[0].contiguous(), shape.activation).mul_(halves[1]));
  }
};

class ModernBert final : public Encoder {
 public:
  ModernBert(const ModelConfig& config, const ModernBertShape& shape, TensorSource& source)
      : precision_(source.precision()),
        shape_(shape),
        global_(shape.hidden / shape.heads, shape.global_theta),
        local_(shape.hidden / shape.heads, shape.local_theta),
        words_(source.TakeRows("model.embeddings.tok_embeddings.weight", shape.hidden)),
        norm_(Norm(source, "model.embeddings.norm")),
        final_norm_(Norm(source, "model.final_norm")),
        dense_(Linear::TakeExact(source, "head.dense", shape.hidden, shape.hidden, shape.head_bias)),
        head_norm_(Norm(source, "head.norm")),
        classifier_(Linear::TakeExact(source, "classifier", static_cast<int64_t>(config.labels.size()), shape.hidden)) {
    for (int64_t i = 0; i < shape.layers && source.status().ok(); ++i) layers_.push_back(ModernBertLayer::Take(source, i, shape));
  }

  at::Tensor Forward(const PackedTokens& tokens) const override {
    const RotaryPositions::Angles global = global_.Of(tokens.positions), local = local_.Of(tokens.positions);
    at::Tensor x = norm_(at::embedding(words_, tokens.ids)).to(TypeOf(precision_));
    for (const ModernBertLayer& layer : layers_) x = layer(x, tokens, layer.is_local ? local : global, shape_);
    x = Pool(final_norm_(x), tokens.offsets);
    return classifier_(head_norm_(Activate(dense_(x), shape_.head_activation)));
  }

  int max_tokens() const override { return static_cast<int>(shape_.max_tokens); }
  bool soft_limit() const override { return true; }  // rotations go on for ever
  int vocabulary_size() const override { return static_cast<int>(words_.size(0)); }

 private:
  LayerNorm Norm(TensorSource& source, const char* name) const {
    return LayerNorm::Take(source, name, shape_.hidden, shape_.epsilon, shape_.norm_bias);
  }

  at::Tensor Pool(const at::Tensor& x, const std::vector<int64_t>& offsets) const {
    if (!shape_.mean_pooling) return FirstTokens(x, offsets).to(at::kFloat);
    std::vector<at::Tensor> means;
    for (size_t i = 0; i + 1 < offsets.size(); ++i)
      means.push_back(x.slice(0, offsets[i], offsets[i + 1]).to(at::kFloat).mean(0));
    return at::stack(means);
  }

  Precision precision_;
  ModernBertShape shape_;
  RotaryPositions global_, local_;
  at::Tensor words_;  // [rows, hidden]
  LayerNorm norm_;
  std::vector<ModernBertLayer> layers_;
  LayerNorm final_norm_;
  Linear dense_;
  LayerNorm head_norm_;
  Linear classifier_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Encoder>> BuildModernBert(const ModelConfig& config, TensorSource& source) {
  ConfigReader reader(config.file);
  const ModernBertShape shape = ReadShape(reader);
  if (!reader.status().ok()) return reader.status();
  auto encoder = std::make_unique<ModernBert>(config, shape, source);
  if (!source.status().ok()) return source.status();
  return encoder;
}

}  // namespace verdict
