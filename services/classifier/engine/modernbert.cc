#include <algorithm>
#include <cmath>
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "boost/json/array.hpp"
#include "boost/json/object.hpp"
#include "services/classifier/engine/architectures.h"
#include "services/classifier/engine/attention.h"
#include "services/classifier/engine/config_reader.h"
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
    const int64_t hidden = shape.hidden, intermediate = shape.intermediate;
    const auto norm = [&](const char* part) {
      return LayerNorm::Take(source, name + part, hidden, shape.epsilon, shape.norm_bias);
    };
    return {index == 0 ? std::nullopt : std::optional(norm("attn_norm")),
            Linear::Take(source, name + "attn.Wqkv", {.out = 3 * hidden, .in = hidden, .has_bias = shape.attention_bias}),
            Linear::Take(source, name + "attn.Wo", {.out = hidden, .in = hidden, .has_bias = shape.attention_bias}),
            norm("mlp_norm"),
            Linear::Take(source, name + "mlp.Wi", {.out = 2 * intermediate, .in = hidden, .has_bias = shape.mlp_bias}),
            Linear::Take(source, name + "mlp.Wo", {.out = hidden, .in = intermediate, .has_bias = shape.mlp_bias}),
            shape.is_local[static_cast<size_t>(index)]};
  }

  // Adds what attention makes of x.
  void Attend(const Pass& pass, float* x, const ModernBertShape& shape, const RotaryPositions& rotation,
              const RotaryPositions::Angles& angles, bool half) const {
    Arena& arena = pass.arena();
    const Arena::Scope scope(arena);
    const int64_t tokens = pass.tokens.tokens(), stride = qkv.out(), width = shape.hidden / shape.heads;
    const InputRows input = TakeInput(arena, qkv.input(), tokens, shape.hidden);
    if (attention_norm) {
      (*attention_norm)(pass, x, tokens, input);
    } else {
      pass.kernels.convert(x, shape.hidden, tokens, shape.hidden, input);
    }
    auto* const parts = arena.Take<float>(tokens * stride);
    qkv(pass, input, tokens, {.values = parts, .stride = stride});
    pass.team.For(pass.tokens.sequences(), [&](int64_t sequence, int /*thread*/) {
      for (int64_t i = 0; i < pass.tokens.length(sequence); ++i) {
        float* const row = parts + (pass.tokens.begin(sequence) + i) * stride;
        for (int64_t head = 0; head < 2 * shape.heads; ++head)
          rotation.Rotate(row + head * width, angles, i);  // queries, then keys
      }
    });
    AttentionOptions options{.half = half};
    if (is_local) options.reach = shape.reach;
    const InputRows attended = TakeInput(arena, attention_output.input(), tokens, shape.hidden);
    PackedAttention(pass,
                    {.q = parts,
                     .k = parts + shape.hidden,
                     .v = parts + 2 * shape.hidden,
                     .stride = stride,
                     .heads = shape.heads,
                     .width = width,
                     .scale = 1 / std::sqrt(static_cast<float>(width))},
                    options, attended);
    attention_output(pass, attended, tokens,
                     {.values = x, .stride = shape.hidden, .residual = x, .residual_stride = shape.hidden});
  }

  // Adds output(act(input) * gate) of some rows of x.
  void FeedForward(const Pass& pass, float* x, int64_t rows, const ModernBertShape& shape) const {
    Arena& arena = pass.arena();
    const Arena::Scope scope(arena);
    const int64_t half = shape.intermediate;
    const InputRows input = TakeInput(arena, input_and_gate.input(), rows, shape.hidden);
    mlp_norm(pass, x, rows, input);
    auto* const wide = arena.Take<float>(rows * 2 * half);
    input_and_gate(pass, input, rows, {.values = wide, .stride = 2 * half});
    const InputRows gated = TakeInput(arena, output.input(), rows, half);
    ForRows(pass, rows, [&](int64_t first, int64_t count) {
      for (int64_t row = first; row < first + count; ++row) {
        float* const values = wide + row * 2 * half;
        pass.kernels.activate(values, half, shape.activation);
        for (int64_t i = 0; i < half; ++i) values[i] *= values[half + i];
      }
      pass.kernels.convert(wide + first * 2 * half, 2 * half, count, half, RowsFrom(gated, first));
    });
    output(pass, gated, rows, {.values = x, .stride = shape.hidden, .residual = x, .residual_stride = shape.hidden});
  }
};

class ModernBert final : public Encoder {
 public:
  ModernBert(const ModelConfig& config, const ModernBertShape& shape, TensorSource& source)
      : half_(source.options().precision != Precision::kFp32),
        shape_(shape),
        global_(shape.hidden / shape.heads, shape.global_theta),
        local_(shape.hidden / shape.heads, shape.local_theta),
        words_(source.TakeRows("model.embeddings.tok_embeddings.weight", shape.hidden)),
        norm_(Norm(source, "model.embeddings.norm")),
        final_norm_(Norm(source, "model.final_norm")),
        dense_(Linear::TakeExact(source, "head.dense", {.out = shape.hidden, .in = shape.hidden, .has_bias = shape.head_bias})),
        head_norm_(Norm(source, "head.norm")),
        classifier_(
            Linear::TakeExact(source, "classifier", {.out = static_cast<int64_t>(config.labels.size()), .in = shape.hidden})) {
    for (int64_t i = 0; i < shape.layers && source.ok(); ++i) layers_.push_back(ModernBertLayer::Take(source, i, shape));
  }

  void Forward(const Pass& pass, float* logits) const override {
    const Arena::Scope scope(pass.arena());
    const int64_t tokens = pass.tokens.tokens();
    int64_t longest = 0;
    for (int64_t i = 0; i < pass.tokens.sequences(); ++i) longest = std::max(longest, pass.tokens.length(i));
    const RotaryPositions::Angles global = global_.UpTo(longest), local = local_.UpTo(longest);
    const Hidden x = Hidden::Take(pass.arena(), NumberType::kFp32, tokens, shape_.hidden);
    for (int64_t i = 0; i < tokens; ++i) {
      std::copy_n(words_.row(pass.tokens.ids[static_cast<size_t>(i)]), shape_.hidden, x.values + i * shape_.hidden);
    }
    norm_(pass, x.values, x);
    for (const ModernBertLayer& layer : layers_) {
      layer.Attend(pass, x.values, shape_, layer.is_local ? local_ : global_, layer.is_local ? local : global, half_);
      for (int64_t first = 0; first < tokens; first += kRowBlock) {
        layer.FeedForward(pass, x.values + first * shape_.hidden, std::min(kRowBlock, tokens - first), shape_);
      }
    }
    final_norm_(pass, x.values, x);
    Classify(pass, x, logits);
  }

  int max_tokens() const override { return static_cast<int>(shape_.max_tokens); }
  bool soft_limit() const override { return true; }  // rotations go on for ever
  int vocabulary_size() const override { return static_cast<int>(words_.rows()); }

 private:
  LayerNorm Norm(TensorSource& source, const char* name) const {
    return LayerNorm::Take(source, name, shape_.hidden, shape_.epsilon, shape_.norm_bias);
  }

  void Classify(const Pass& pass, const Hidden& x, float* logits) const {
    const int64_t rows = pass.tokens.sequences(), width = shape_.hidden;
    float* const pooled = FirstTokens(pass, x.values, width);
    for (int64_t i = 0; shape_.mean_pooling && i < rows; ++i) {
      float* const mean = pooled + i * width;
      for (int64_t token = 1; token < pass.tokens.length(i); ++token) {
        const float* const values = x.values + (pass.tokens.begin(i) + token) * width;
        for (int64_t j = 0; j < width; ++j) mean[j] += values[j];
      }
      for (int64_t j = 0; j < width; ++j) mean[j] /= static_cast<float>(pass.tokens.length(i));
    }
    const Hidden y = Hidden::Take(pass.arena(), NumberType::kFp32, rows, width);
    dense_(pass, {.data = pooled, .stride = width}, rows,
           {.values = y.values, .stride = width, .activation = shape_.head_activation});
    head_norm_(pass, y.values, y);
    classifier_(pass, y.input, rows, {.values = logits, .stride = classifier_.out()});
  }

  bool half_;
  ModernBertShape shape_;
  RotaryPositions global_, local_;
  Tensor words_;  // [rows, hidden]
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
