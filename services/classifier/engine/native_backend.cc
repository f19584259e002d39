#include "services/classifier/engine/native_backend.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/classifier/engine/encoder.h"
#include "services/classifier/engine/torch_runtime.h"

namespace verdict {
namespace {

PackedTokens Pack(const std::vector<const TokenSequence*>& sequences) {
  PackedTokens packed;
  packed.offsets.push_back(0);
  for (const TokenSequence* sequence : sequences) {
    packed.offsets.push_back(packed.offsets.back() + static_cast<int64_t>(sequence->ids.size()));
  }
  const int64_t tokens = packed.offsets.back();
  packed.ids = at::empty({tokens}, at::kInt);
  packed.type_ids = at::empty({tokens}, at::kInt);
  packed.positions = at::empty({tokens}, at::kInt);
  auto* ids = packed.ids.data_ptr<int32_t>();
  auto* types = packed.type_ids.data_ptr<int32_t>();
  auto* positions = packed.positions.data_ptr<int32_t>();
  for (const TokenSequence* sequence : sequences) {
    ids = std::copy(sequence->ids.begin(), sequence->ids.end(), ids);
    types = std::copy(sequence->type_ids.begin(), sequence->type_ids.end(), types);
    for (size_t i = 0; i < sequence->ids.size(); ++i) *positions++ = static_cast<int32_t>(i);
  }
  return packed;
}

class NativeBackend final : public Backend {
 public:
  NativeBackend(Weights weights, std::unique_ptr<Encoder> encoder, BackendInfo info, int threads)
      : weights_(std::move(weights)), encoder_(std::move(encoder)), info_(std::move(info)), threads_(threads) {}

  const BackendInfo& info() const override { return info_; }

  absl::StatusOr<Logits> Forward(const std::vector<const TokenSequence*>& sequences) override {
    return CatchTorch([&]() -> absl::StatusOr<Logits> {
      UseThreads(threads_);
      const c10::InferenceMode inference;
      return ToLogits(encoder_->Forward(Pack(sequences)));
    });
  }

 private:
  Weights weights_;  // outlives the encoder's views of it
  std::unique_ptr<Encoder> encoder_;
  BackendInfo info_;
  int threads_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> BuildNativeBackend(const ModelConfig& config, Weights weights, Precision precision,
                                                            int threads) {
  const absl::StatusOr<EncoderBuilder> builder = FindEncoderBuilder(config);
  if (!builder.ok()) return builder.status();
  return CatchTorch([&]() -> absl::StatusOr<std::unique_ptr<Backend>> {
    TensorSource source(weights, precision);
    auto encoder = (*builder)(config, source);
    if (!encoder.ok()) return encoder.status();
    if (precision != Precision::kFp32) weights.ReleasePages();  // most of them have been converted
    BackendInfo info{.name = "native",
                     .precision = PrecisionName(precision),
                     .num_labels = static_cast<int>(config.labels.size()),
                     .max_tokens = (*encoder)->max_tokens(),
                     .soft_limit = (*encoder)->soft_limit(),
                     .vocabulary_size = (*encoder)->vocabulary_size(),
                     .parameters = source.parameters()};
    return std::make_unique<NativeBackend>(std::move(weights), *std::move(encoder), std::move(info), threads);
  });
}

}  // namespace verdict
