#include "services/classifier/engine/bert.h"

#include <ATen/ATen.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

constexpr int64_t kMaxWidth = 1 << 16;  // far above every published encoder; keeps products of sizes within 64 bits

// The members of config.json that shape a BERT, with the defaults of transformers' BertConfig.
struct BertShape {
  int64_t hidden, layers, heads, intermediate;
  double epsilon;
  Activation activation;

  static absl::StatusOr<BertShape> Read(const JsonFile& config);
};

// Reads several members and keeps the first error.
class MemberReader {
 public:
  explicit MemberReader(const JsonFile& file) : file_(file) {}

  int64_t Integer(const char* member, int64_t max, int64_t fallback) {
    return Keep(file_.Integer(member, 1, max, fallback), fallback);
  }
  double Number(const char* member, double max, double fallback) {
    return Keep(file_.Number(member, 0, max, fallback), fallback);
  }
  void MustBe(const char* member, const std::string& wanted) {
    const auto value = file_.String(member, wanted);
    if (value.ok() && *value == wanted) return;
    Keep<std::string>(
        value.ok() ? file_.Error(member, absl::StrCat("\"", *value, "\" is not supported, only \"", wanted, "\"")) : value, "");
  }
  void MustBeFalse(const char* member) {
    const auto value = file_.Boolean(member, false);
    if (!value.ok() || *value)
      Keep<bool>(value.ok() ? absl::StatusOr<bool>(file_.Error(member, "decoders are not supported")) : value, false);
  }
  const absl::Status& status() const { return status_; }

 private:
  template <typename T>
  T Keep(absl::StatusOr<T> value, T fallback) {
    if (value.ok()) return *std::move(value);
    status_.Update(value.status());
    return fallback;
  }

  const JsonFile& file_;
  absl::Status status_;
};

absl::StatusOr<BertShape> BertShape::Read(const JsonFile& config) {
  MemberReader reader(config);
  BertShape shape{};
  shape.hidden = reader.Integer("hidden_size", kMaxWidth, 768);
  shape.layers = reader.Integer("num_hidden_layers", 1024, 12);
  shape.heads = reader.Integer("num_attention_heads", 1024, 12);
  shape.intermediate = reader.Integer("intermediate_size", kMaxWidth * 4, 3072);
  shape.epsilon = reader.Number("layer_norm_eps", 1, 1e-12);
  reader.MustBe("position_embedding_type", "absolute");
  reader.MustBeFalse("is_decoder");
  if (!reader.status().ok()) return reader.status();
  if (shape.hidden % shape.heads != 0) {
    return config.Error("num_attention_heads", absl::StrCat(shape.heads, " does not divide hidden_size ", shape.hidden));
  }
  auto activation = ReadActivation(config, "hidden_act", "gelu");
  if (!activation.ok()) return activation.status();
  shape.activation = *activation;
  return shape;
}

struct BertLayer {
  Linear query, key, value, attention_output;
  LayerNorm attention_norm;
  Linear intermediate, output;
  LayerNorm output_norm;

  static BertLayer Take(TensorSource& source, const std::string& name, const BertShape& shape) {
    const std::string self = name + ".attention.self", attention = name + ".attention.output", output = name + ".output";
    return {Linear::Take(source, self + ".query", shape.hidden, shape.hidden),
            Linear::Take(source, self + ".key", shape.hidden, shape.hidden),
            Linear::Take(source, self + ".value", shape.hidden, shape.hidden),
            Linear::Take(source, attention + ".dense", shape.hidden, shape.hidden),
            LayerNorm::Take(source, attention + ".LayerNorm", shape.hidden, shape.epsilon),
            Linear::Take(source, name + ".intermediate.dense", shape.intermediate, shape.hidden),
            Linear::Take(source, output + ".dense", shape.hidden, shape.intermediate),
            LayerNorm::Take(source, output + ".LayerNorm", shape.hidden, shape.epsilon)};
  }

  at::Tensor operator()(const at::Tensor& x, const std::vector<int64_t>& offsets, const BertShape& shape) const {
    const at::Tensor attended = attention_output(PackedAttention(query(x), key(x), value(x), offsets, shape.heads));
    const at::Tensor middle = attention_norm(attended + x);
    return output_norm(output(Activate(intermediate(middle), shape.activation)) + middle);
  }
};

class Bert final : public Encoder {
 public:
  Bert(const ModelConfig& config, const BertShape& shape, TensorSource& source)
      : shape_(shape),
        words_(source.TakeRows("bert.embeddings.word_embeddings.weight", shape.hidden)),
        positions_(source.TakeRows("bert.embeddings.position_embeddings.weight", shape.hidden)),
        types_(source.TakeRows("bert.embeddings.token_type_embeddings.weight", shape.hidden)),
        norm_(LayerNorm::Take(source, "bert.embeddings.LayerNorm", shape.hidden, shape.epsilon)),
        pooler_(Linear::Take(source, "bert.pooler.dense", shape.hidden, shape.hidden)),
        classifier_(Linear::Take(source, "classifier", static_cast<int64_t>(config.labels.size()), shape.hidden)) {
    for (int64_t i = 0; i < shape.layers && source.status().ok(); ++i) {
      layers_.push_back(BertLayer::Take(source, absl::StrCat("bert.encoder.layer.", i), shape));
    }
  }

  at::Tensor Forward(const PackedTokens& tokens) const override {
    at::Tensor x = at::embedding(words_, tokens.ids);
    // A model of one token type (type_vocab_size 1) reads every token as type 0.
    x.add_(types_.size(0) > 1 ? at::embedding(types_, tokens.type_ids) : types_);
    x.add_(at::embedding(positions_, tokens.positions));
    x = norm_(x);
    for (const BertLayer& layer : layers_) x = layer(x, tokens.offsets, shape_);
    return classifier_(pooler_(FirstTokens(x, tokens.offsets)).tanh_());
  }

  int max_tokens() const override { return static_cast<int>(positions_.size(0)); }
  int vocabulary_size() const override { return static_cast<int>(words_.size(0)); }

 private:
  BertShape shape_;
  at::Tensor words_, positions_, types_;  // [rows, hidden]
  LayerNorm norm_;
  std::vector<BertLayer> layers_;
  Linear pooler_, classifier_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Encoder>> BuildBert(const ModelConfig& config, TensorSource& source) {
  const absl::StatusOr<BertShape> shape = BertShape::Read(config.file);
  if (!shape.ok()) return shape.status();
  auto bert = std::make_unique<Bert>(config, *shape, source);
  if (!source.status().ok()) return source.status();
  return bert;
}

}  // namespace verdict
