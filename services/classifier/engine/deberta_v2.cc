#include <ATen/ATen.h>

#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "boost/json/array.hpp"
#include "services/classifier/engine/architectures.h"
#include "services/classifier/engine/bert_shape.h"
#include "services/classifier/engine/config_reader.h"
#include "services/classifier/engine/disentangled_attention.h"
#include "services/classifier/engine/post_norm.h"

namespace verdict {
namespace {

const PostNormNames& Names() {
  static const PostNormNames& names = *new PostNormNames{
      .query = "attention.self.query_proj", .key = "attention.self.key_proj", .value = "attention.self.value_proj"};
  return names;
}

struct DebertaShape {
  PostNormShape layers;
  int64_t max_tokens = 0;
  int64_t embedding_width = 0;
  int64_t types = 0;
  bool has_positions = true;
  bool normalised_relative_embeddings = false;
  int64_t convolution_width = 0;  // 0: none
  int64_t convolution_groups = 1;
  Activation convolution_activation = Activation::kTanh;
  Activation pooler_activation = Activation::kGelu;
  DisentangledAttention::Options attention;
  int64_t buckets = 0;  // see RelativePositions
  int64_t max_distance = 0;
};

// "c2p|p2c", or a list of the two.
void ReadTerms(ConfigReader& reader, DisentangledAttention::Options& options) {
  const auto* value = reader.file().Find("pos_att_type");
  if (value == nullptr) return;
  std::vector<std::string> terms;
  if (value->is_string()) {
    terms = absl::StrSplit(absl::AsciiStrToLower(value->get_string().c_str()), '|');
  } else if (value->is_array()) {
    for (const auto& term : value->get_array()) terms.emplace_back(term.is_string() ? std::string_view(term.get_string()) : "?");
  } else {
    terms = {"?"};
  }
  for (const std::string& text : terms) {
    const auto term = absl::StripAsciiWhitespace(text);
    if (term == "c2p") {
      options.content_to_position = true;
    } else if (term == "p2c") {
      options.position_to_content = true;
    } else {
      reader.Fail(reader.file().Error("pos_att_type", "expected \"c2p\", \"p2c\" or both"));
    }
  }
}

// Config members of -1 mean "absent".
int64_t CountOr(ConfigReader& reader, const char* member, int64_t fallback) {
  const int64_t value = reader.Integer(member, -1, 1 << 16, -1);
  return value < 1 ? fallback : value;
}

DebertaShape ReadShape(ConfigReader& reader) {
  DebertaShape shape;
  shape.layers = ReadBertShape(reader, {.hidden = 1536, .layers = 24, .heads = 24, .intermediate = 6144, .epsilon = 1e-7});
  shape.max_tokens = reader.Width("max_position_embeddings", 512);
  shape.embedding_width = reader.Width("embedding_size", shape.layers.hidden);
  shape.types = reader.Integer("type_vocab_size", 0, 1 << 16, 0);
  shape.has_positions = reader.Boolean("position_biased_input", true);
  shape.normalised_relative_embeddings =
      absl::StrContains(absl::AsciiStrToLower(reader.String("norm_rel_ebd", "none")), "layer_norm");
  shape.convolution_width = reader.Integer("conv_kernel_size", 0, 64, 0);
  shape.convolution_groups = reader.Count("conv_groups", 1);
  shape.convolution_activation = reader.Act("conv_act", "tanh");
  shape.pooler_activation = reader.Act("pooler_hidden_act", "gelu");
  if (reader.Integer("pooler_hidden_size", 1, 1 << 16, shape.layers.hidden) != shape.layers.hidden) {
    reader.Fail(reader.file().Error("pooler_hidden_size", "another size than hidden_size is not supported"));
  }
  if (reader.Integer("attention_head_size", 1, 1 << 16, shape.layers.hidden / shape.layers.heads) !=
      shape.layers.hidden / shape.layers.heads) {
    reader.Fail(
        reader.file().Error("attention_head_size", "another size than hidden_size / num_attention_heads is not supported"));
  }
  DisentangledAttention::Options attention{.heads = shape.layers.heads};
  ReadTerms(reader, attention);
  attention.shared_projections = reader.Boolean("share_att_key", false);
  shape.max_distance = CountOr(reader, "max_relative_positions", shape.max_tokens);
  shape.buckets = CountOr(reader, "position_buckets", 0);
  attention.relative = reader.Boolean("relative_attention", false);
  shape.attention = attention;
  return shape;
}

// The convolution over the embeddings that stands beside the first layer, sequence by sequence; in fp32.
struct Convolution {
  at::Tensor weight, bias;  // [hidden, hidden / groups, width], [hidden]
  LayerNorm norm;
  int64_t groups;
  Activation activation;

  static Convolution Take(TensorSource& source, const DebertaShape& shape) {
    const int64_t hidden = shape.layers.hidden;
    return {source.Take("deberta.encoder.conv.conv.weight", {hidden, hidden / shape.convolution_groups, shape.convolution_width}),
            source.Take("deberta.encoder.conv.conv.bias", {hidden}),
            LayerNorm::Take(source, "deberta.encoder.conv.LayerNorm", hidden, shape.layers.epsilon), shape.convolution_groups,
            shape.convolution_activation};
  }

  // x: what the first layer read, y: what it made of it.
  at::Tensor operator()(const at::Tensor& x, const at::Tensor& y, const std::vector<int64_t>& offsets) const {
    at::Tensor sum = y.to(at::kFloat, /*non_blocking=*/false, /*copy=*/true);
    const int64_t padding = (weight.size(2) - 1) / 2;
    for (size_t i = 0; i + 1 < offsets.size(); ++i) {
      const int64_t begin = offsets[i], length = offsets[i + 1] - begin;
      const at::Tensor channels = x.narrow(0, begin, length).to(at::kFloat).t().unsqueeze(0);
      const at::Tensor out = at::conv1d(channels, weight, bias, 1, padding, 1, groups);
      sum.narrow(0, begin, length).add_(Activate(out, activation).squeeze(0).t());
    }
    return norm(sum).to(x.scalar_type());
  }
};

class DebertaV2 final : public Encoder {
 public:
  DebertaV2(const ModelConfig& config, const DebertaShape& shape, TensorSource& source)
      : precision_(source.precision()),
        shape_(shape),
        embeddings_(Embeddings::Take(source, {.prefix = "deberta.embeddings.",
                                              .width = shape.embedding_width,
                                              .epsilon = shape.layers.epsilon,
                                              .has_positions = shape.has_positions,
                                              .has_types = shape.types > 0,
                                              .norm_width = shape.layers.hidden})),
        layers_(TakeLayers(source, "deberta.encoder.layer.", shape.layers, Names())),
        relative_positions_(shape.buckets, shape.max_distance),
        head_(FirstTokenHead::Take(source, "pooler.dense", "classifier", shape.layers.hidden, config, shape.pooler_activation)) {
    if (shape.convolution_width > 0) convolution_ = Convolution::Take(source, shape);
    TakeAttention(source);
  }

  at::Tensor Forward(const PackedTokens& tokens) const override {
    std::vector<RelativePositions::Rows> rows;
    for (size_t i = 0; shape_.attention.relative && i + 1 < tokens.offsets.size(); ++i) {
      rows.push_back(relative_positions_.ForLength(tokens.offsets[i + 1] - tokens.offsets[i]));
    }
    at::Tensor x = embeddings_(tokens).to(TypeOf(precision_));
    for (size_t i = 0; i < layers_.size(); ++i) {
      const auto attend = [&](const at::Tensor& q, const at::Tensor& k, const at::Tensor& v) {
        return attention_[i](q, k, v, tokens.offsets, rows);
      };
      const at::Tensor y = layers_[i](x, shape_.layers.activation, attend);
      x = i == 0 && convolution_ ? (*convolution_)(x, y, tokens.offsets) : y;
    }
    return head_(x, tokens.offsets);
  }

  int max_tokens() const override { return static_cast<int>(embeddings_.max_tokens().value_or(shape_.max_tokens)); }
  bool soft_limit() const override { return !embeddings_.max_tokens(); }  // relative positions go on for ever
  int vocabulary_size() const override { return static_cast<int>(embeddings_.vocabulary_size()); }

 private:
  void TakeAttention(TensorSource& source) {
    at::Tensor table;
    if (shape_.attention.relative) {
      table = source.Take("deberta.encoder.rel_embeddings.weight", {2 * relative_positions_.span(), shape_.layers.hidden});
      if (shape_.normalised_relative_embeddings) {
        const LayerNorm norm = LayerNorm::Take(source, "deberta.encoder.LayerNorm", shape_.layers.hidden, shape_.layers.epsilon);
        if (source.status().ok()) table = norm(table);
      }
    }
    for (size_t i = 0; i < layers_.size() && source.status().ok(); ++i) {
      attention_.push_back(DisentangledAttention::Take(source, absl::StrCat("deberta.encoder.layer.", i, ".attention.self."),
                                                       shape_.attention, table, layers_[i].query, layers_[i].key));
    }
  }

  Precision precision_;
  DebertaShape shape_;
  Embeddings embeddings_;
  std::vector<PostNormLayer> layers_;
  RelativePositions relative_positions_;
  FirstTokenHead head_;
  std::vector<DisentangledAttention> attention_;  // by layer
  std::optional<Convolution> convolution_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Encoder>> BuildDebertaV2(const ModelConfig& config, TensorSource& source) {
  ConfigReader reader(config.file);
  const DebertaShape shape = ReadShape(reader);
  reader.MustDivide("conv_groups", shape.convolution_groups, "hidden_size", shape.layers.hidden);
  if (shape.convolution_width > 0 && shape.convolution_width % 2 == 0) {
    reader.Fail(config.file.Error("conv_kernel_size", "an even width is not supported"));
  }
  if (!reader.status().ok()) return reader.status();
  auto encoder = std::make_unique<DebertaV2>(config, shape, source);
  if (!source.status().ok()) return source.status();
  return encoder;
}

}  // namespace verdict
