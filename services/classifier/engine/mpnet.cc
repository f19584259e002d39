#include <ATen/ATen.h>

#include <cmath>
#include <utility>

#include "services/classifier/engine/architectures.h"
#include "services/classifier/engine/bert_shape.h"
#include "services/classifier/engine/config_reader.h"
#include "services/classifier/engine/post_norm.h"

namespace verdict {
namespace {

// Constants of the architecture: transformers does not read them from the configuration.
constexpr int64_t kBuckets = 32;
constexpr double kMaxDistance = 128;
constexpr int32_t kPadId = 1;

const PostNormNames& Names() {
  static const PostNormNames& names = *new PostNormNames{.query = "attention.attn.q",
                                                         .key = "attention.attn.k",
                                                         .value = "attention.attn.v",
                                                         .attention_output = "attention.attn.o",
                                                         .attention_norm = "attention.LayerNorm"};
  return names;
}

// The bucket of each distance key - query (Raffel et al., arXiv:1910.10683): one half for each direction; of a half, 8 exact
// distances, then logarithmic ones up to 128.
at::Tensor Buckets(const at::Tensor& distance) {
  constexpr int64_t kHalf = kBuckets / 2, kExact = kHalf / 2;
  const at::Tensor far = distance.abs();
  const at::Tensor logarithmic =
      (far.to(at::kFloat) / kExact).log().div(std::log(kMaxDistance / kExact)).mul(kHalf - kExact).to(at::kLong).add(kExact);
  const at::Tensor bucket = at::where(far < kExact, far, logarithmic.clamp_max(kHalf - 1));
  return bucket + distance.gt(0).to(at::kLong).mul(kHalf);
}

// [heads, length, length] of a table [32, heads].
at::Tensor BiasByDistance(const at::Tensor& table, int64_t length) {
  const at::Tensor place = at::arange(length, at::kLong);
  const at::Tensor bucket = Buckets(place.unsqueeze(0) - place.unsqueeze(1));
  return at::embedding(table, bucket).permute({2, 0, 1}).contiguous();
}

}  // namespace

absl::StatusOr<std::unique_ptr<Encoder>> BuildMpNet(const ModelConfig& config, TensorSource& source) {
  ConfigReader reader(config.file);
  PostNormParts parts;
  parts.shape = ReadBertShape(reader);
  reader.Integer("relative_attention_num_buckets", kBuckets, kBuckets, kBuckets);
  if (!reader.status().ok()) return reader.status();
  parts.embeddings = Embeddings::Take(source, {.prefix = "mpnet.embeddings.",
                                               .width = parts.shape.hidden,
                                               .epsilon = parts.shape.epsilon,
                                               .has_types = false,
                                               .positions = {.first = kPadId + 1, .skipped_id = kPadId}});
  parts.layers = TakeLayers(source, "mpnet.encoder.layer.", parts.shape, Names());
  const at::Tensor table = source.Take("mpnet.encoder.relative_attention_bias.weight", {kBuckets, parts.shape.heads});
  parts.attention_bias = [table](int64_t length) { return BiasByDistance(table, length); };
  parts.head =
      FirstTokenHead::Take(source, "classifier.dense", "classifier.out_proj", parts.shape.hidden, config, Activation::kTanh);
  return MakePostNormEncoder(std::move(parts), source);
}

}  // namespace verdict
