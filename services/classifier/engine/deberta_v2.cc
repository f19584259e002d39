#include <algorithm>
#include <optional>
#include <utility>
#include <vector>

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

// The convolution over the embeddings that stands beside the first layer, sequence by sequence; in fp32. Each group of channels
// is a product with the tokens around a place, side by side.
struct Convolution {
  std::vector<Linear> groups;  // each [hidden / groups, width * hidden / groups]
  LayerNorm norm;
  int64_t width = 0;
  Activation activation = Activation::kTanh;

  static Convolution Take(TensorSource& source, const DebertaShape& shape) {
    const int64_t hidden = shape.layers.hidden, width = shape.convolution_width, channels = hidden / shape.convolution_groups;
    const Tensor weight = source.Take("deberta.encoder.conv.conv.weight", {hidden, channels, width});
    const Tensor bias = source.Take("deberta.encoder.conv.conv.bias", {hidden});
    Convolution convolution{.groups = {},
                            .norm = LayerNorm::Take(source, "deberta.encoder.conv.LayerNorm", hidden, shape.layers.epsilon),
                            .width = width,
                            .activation = shape.convolution_activation};
    for (int64_t first = 0; source.ok() && first < hidden; first += channels) {
      std::vector<float> rows;  // [out][place][in], where the file has [out][in][place]
      for (int64_t out = first; out < first + channels; ++out) {
        for (int64_t i = 0; i < width * channels; ++i) {
          rows.push_back(weight.data[(out * channels + i % channels) * width + i / channels]);
        }
      }
      convolution.groups.push_back(Linear::Of(source.options(), Tensor::Of(std::move(rows), {channels, width * channels}),
                                              {bias.data + first, {channels}, bias.copy}));
    }
    return convolution;
  }

  // Replaces y by norm(y + act(convolution of x)).
  void operator()(const Pass& pass, const float* x, const Hidden& y) const {
    for (int64_t i = 0; i < pass.tokens.sequences(); ++i) {
      const int64_t begin = pass.tokens.begin(i);
      Add(pass, x + begin * y.width, y.From(begin, pass.tokens.length(i)));
    }
    norm(pass, y.values, y);
  }

 private:
  void Add(const Pass& pass, const float* x, const Hidden& y) const {
    const Arena::Scope scope(pass.arena());
    const int64_t channels = y.width / static_cast<int64_t>(groups.size()), around = width * channels;
    auto* const places = pass.arena().Take<float>(y.rows * around);
    for (size_t group = 0; group < groups.size(); ++group) {
      const int64_t first = static_cast<int64_t>(group) * channels;
      for (int64_t i = 0; i < y.rows * width; ++i) {
        const int64_t token = i / width + i % width - (width - 1) / 2;
        float* const to = places + i * channels;
        if (token < 0 || token >= y.rows) {
          std::fill_n(to, channels, 0.0F);
        } else {
          std::copy_n(x + token * y.width + first, channels, to);
        }
      }
      groups[group](pass, {.data = places, .stride = around}, y.rows,
                    {.values = y.values + first,
                     .stride = y.width,
                     .activation = activation,
                     .residual = y.values + first,
                     .residual_stride = y.width});
    }
  }
};

class DebertaV2 final : public Encoder {
 public:
  DebertaV2(const ModelConfig& config, const DebertaShape& shape, TensorSource& source)
      : shape_(shape),
        embeddings_(Embeddings::Take(source, {.prefix = "deberta.embeddings.",
                                              .width = shape.embedding_width,
                                              .epsilon = shape.layers.epsilon,
                                              .has_positions = shape.has_positions,
                                              .has_types = shape.types > 0,
                                              .norm_width = shape.layers.hidden})),
        layers_(TakeLayers(source, kLayers, shape.layers, Names())),
        relative_positions_(shape.buckets, shape.max_distance),
        head_(FirstTokenHead::Take(source, "pooler.dense", "classifier", shape.layers.hidden, config, shape.pooler_activation)) {
    if (shape.convolution_width > 0) convolution_ = Convolution::Take(source, shape);
    TakeAttention(source);
  }

  void Forward(const Pass& pass, float* logits) const override {
    const Arena::Scope scope(pass.arena());
    std::vector<RelativePositions::Rows> rows;
    for (int64_t i = 0; shape_.attention.relative && i < pass.tokens.sequences(); ++i) {
      rows.push_back(relative_positions_.ForLength(pass.tokens.length(i)));
    }
    const NumberType input = layers_.front().query_key_value.input();
    const Hidden x = Hidden::Take(pass.arena(), input, pass.tokens.tokens(), shape_.layers.hidden);
    embeddings_(pass, x);
    const float* const embedded = convolution_ ? Copy(pass, x) : nullptr;
    const Hidden first = Hidden::Take(pass.arena(), input, pass.tokens.sequences(), x.width);
    for (size_t i = 0; i < layers_.size(); ++i) {
      const auto attend = [&](const void* qkv, Queries queries, const InputRows& to) {
        attention_[i](pass, AttentionOver(qkv, NumberType::kFp32, shape_.layers), queries, rows, to);
      };
      const PostNormLayer::Ways ways{shape_.layers.activation, NumberType::kFp32, attend};
      // The convolution changes all tokens after the first layer, which may be the only one.
      const bool convolves = i == 0 && convolution_;
      if (i + 1 == layers_.size() && !convolves) {
        layers_[i].ForFirstTokens(pass, x, ways, first);
        return head_(pass, first.values, logits);
      }
      layers_[i](pass, x, ways);
      if (convolves) (*convolution_)(pass, embedded, x);
    }
    head_(pass, FirstTokens(pass, x.values, x.width), logits);
  }

  int max_tokens() const override { return static_cast<int>(embeddings_.max_tokens().value_or(shape_.max_tokens)); }
  bool soft_limit() const override { return !embeddings_.max_tokens(); }  // relative positions go on for ever
  int vocabulary_size() const override { return static_cast<int>(embeddings_.vocabulary_size()); }
  int token_types() const override { return static_cast<int>(embeddings_.types()); }

 private:
  static constexpr const char* kLayers = "deberta.encoder.layer.";

  static float* Copy(const Pass& pass, const Hidden& x) {
    auto* const copy = pass.arena().Take<float>(x.rows * x.width);
    std::copy_n(x.values, x.rows * x.width, copy);
    return copy;
  }

  Tensor TakeTable(TensorSource& source) const {
    const int64_t rows = 2 * relative_positions_.span(), hidden = shape_.layers.hidden;
    Tensor table = source.Take("deberta.encoder.rel_embeddings.weight", {rows, hidden});
    if (!shape_.normalised_relative_embeddings) return table;
    const LayerNorm norm = LayerNorm::Take(source, "deberta.encoder.LayerNorm", hidden, shape_.layers.epsilon);
    if (!source.ok()) return table;
    std::vector<float> normalised(static_cast<size_t>(rows * hidden));
    std::vector<Arena> arenas(static_cast<size_t>(source.options().team->threads()));
    const Pass pass{*source.options().kernels, *source.options().team, arenas, {}};
    norm(pass, table.data, rows, {.data = normalised.data(), .stride = hidden});
    return Tensor::Of(std::move(normalised), {rows, hidden});
  }

  void TakeAttention(TensorSource& source) {
    const Tensor table = shape_.attention.relative ? TakeTable(source) : Tensor();
    for (size_t i = 0; i < layers_.size() && source.ok(); ++i) {
      const std::string layer = absl::StrCat(kLayers, i, ".");
      attention_.push_back(DisentangledAttention::Take(source, layer + "attention.self.", shape_.attention, table,
                                                       layer + Names().query, layer + Names().key));
    }
  }

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
