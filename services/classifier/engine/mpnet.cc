#include <algorithm>
#include <cmath>
#include <cstdlib>
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

// The bucket of a distance key - query (Raffel et al., arXiv:1910.10683): one half for each direction; of a half, 8 exact
// distances, then logarithmic ones up to 128. In fp32 and in the order of transformers: another rounding would move a distance at
// a border.
int64_t Bucket(int64_t distance) {
  constexpr int64_t kHalf = kBuckets / 2, kExact = kHalf / 2;
  const int64_t far = std::abs(distance), direction = distance > 0 ? kHalf : 0;
  if (far < kExact) return direction + far;
  const float ratio =
      std::log(static_cast<float>(far) / static_cast<float>(kExact)) / static_cast<float>(std::log(kMaxDistance / kExact));
  return direction + std::min(kHalf - 1, static_cast<int64_t>(ratio * (kHalf - kExact)) + kExact);
}

// See PostNormParts::distance_bias; table: [32, heads].
std::vector<float> BiasByDistance(const Tensor& table, int64_t length) {
  const int64_t heads = table.shape[1], distances = 2 * length - 1;
  std::vector<float> bias(static_cast<size_t>(heads * distances));
  for (int64_t i = 0; i < distances; ++i) {
    const float* const row = table.row(Bucket(i - (length - 1)));
    for (int64_t head = 0; head < heads; ++head) bias[static_cast<size_t>(head * distances + i)] = row[head];
  }
  return bias;
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
  const Tensor table = source.Take("mpnet.encoder.relative_attention_bias.weight", {kBuckets, parts.shape.heads});
  parts.distance_bias = [table](int64_t length) { return BiasByDistance(table, length); };
  parts.head =
      FirstTokenHead::Take(source, "classifier.dense", "classifier.out_proj", parts.shape.hidden, config, Activation::kTanh);
  return MakePostNormEncoder(std::move(parts), source);
}

}  // namespace verdict
