#include "services/classifier/engine/native_backend.h"

#include <algorithm>
#include <deque>
#include <new>
#include <optional>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "services/classifier/engine/encoder.h"
#include "services/classifier/engine/pass.h"

namespace verdict {
namespace {

// A tenth of a millisecond (int8) to half of one (fp32) of a processor with AVX-512; waking a thread takes 0.05.
constexpr int64_t kWideFromMultiplications = 25'000'000;

PackedTokens Pack(const std::vector<const TokenSequence*>& sequences) {
  PackedTokens packed;
  for (const TokenSequence* sequence : sequences) {
    packed.ids.insert(packed.ids.end(), sequence->ids.begin(), sequence->ids.end());
    packed.type_ids.insert(packed.type_ids.end(), sequence->type_ids.begin(), sequence->type_ids.end());
    packed.offsets.push_back(static_cast<int64_t>(packed.ids.size()));
  }
  return packed;
}

// A start that could not keep its weights has only taken longer.
void Keep(PreparedWeights& prepared, Team& team, const std::filesystem::path& file) {
  const int loaded = prepared.loaded(), missed = prepared.missed();
  const absl::Status saved = prepared.Save(team);
  if (!saved.ok()) return LogWarning("prepared weights are not kept", {{"error", saved.message()}});
  LogInfo(missed == 0 ? "prepared weights taken" : "prepared weights kept for the next start",
          {{"file", file.string()}, {"pieces", loaded + missed}, {"found", loaded}});
}

class NativeBackend final : public Backend {
 public:
  // `weights` outlives the encoder's views of it.
  NativeBackend(Weights weights, std::unique_ptr<Encoder> encoder, BackendInfo info, const NativeOptions& options,
                std::unique_ptr<Team> team, PieceMemory::Buffers buffers)
      : weights_(std::move(weights)),
        encoder_(std::move(encoder)),
        info_(std::move(info)),
        kernels_(*options.kernels),
        profile_(options.threads == 1 ? options.profile : nullptr),
        wide_(std::move(team)),
        wide_arenas_(static_cast<size_t>(options.threads)),
        large_pages_(std::move(buffers)) {
    for (int i = 0; i < info_.lanes; ++i) narrow_arenas_.emplace_back(1);
  }

  const BackendInfo& info() const override { return info_; }

 private:
  absl::StatusOr<Logits> Run(const std::vector<const TokenSequence*>& sequences, const Lane& lane) override {
    for (const TokenSequence* sequence : sequences) {
      if (absl::Status status = Check(*sequence); !status.ok()) return status;
    }
    try {
      const PackedTokens tokens = Pack(sequences);
      Team alone(1);
      const Team::Awake awake(lane.wide ? *wide_ : alone);
      const Pass pass{kernels_, lane.wide ? *wide_ : alone,
                      lane.wide ? wide_arenas_ : narrow_arenas_[static_cast<size_t>(lane.index)], tokens, profile_};
      const Profile::Span span(profile_, "other");
      Logits logits{.rows = static_cast<int>(sequences.size()), .columns = info_.num_labels, .values = {}};
      logits.values.resize(sequences.size() * static_cast<size_t>(info_.num_labels));
      encoder_->Forward(pass, logits.values.data());
      return logits;
    } catch (const std::bad_alloc&) {
      return absl::InternalError("out of memory");
    }
  }

  absl::Status Check(const TokenSequence& sequence) const {
    const auto outside = [](const std::vector<int32_t>& ids, int limit) {
      const auto [least, most] = std::minmax_element(ids.begin(), ids.end());
      return *least < 0 || *most >= limit;
    };
    if (outside(sequence.ids, info_.vocabulary_size)) {
      return absl::InternalError(absl::StrCat("a token id is outside the ", info_.vocabulary_size, " embeddings"));
    }
    const int types = encoder_->token_types();
    if (types > 0 && outside(sequence.type_ids, types)) {
      return absl::InternalError(absl::StrCat("a token type is outside the ", types, " embeddings"));
    }
    if (!info_.soft_limit && sequence.ids.size() > static_cast<size_t>(info_.max_tokens)) {
      return absl::InternalError(absl::StrCat(sequence.ids.size(), " tokens, but there are ", info_.max_tokens, " positions"));
    }
    return absl::OkStatus();
  }

  Weights weights_;
  std::unique_ptr<Encoder> encoder_;
  BackendInfo info_;
  const Kernels& kernels_;
  Profile* const profile_;
  std::unique_ptr<Team> wide_;
  std::vector<Arena> wide_arenas_;                // by thread
  std::deque<std::vector<Arena>> narrow_arenas_;  // by lane, one thread each
  LargePages large_pages_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> BuildNativeBackend(const ModelConfig& config, Weights weights,
                                                            const NativeOptions& options) {
  const absl::StatusOr<EncoderBuilder> builder = FindEncoderBuilder(config);
  if (!builder.ok()) return builder.status();
  auto team = std::make_unique<Team>(options.threads);
  PieceMemory memory;
  std::optional<PreparedWeights> prepared;
  if (!options.prepared_file.empty()) prepared.emplace(options.prepared_file);
  TensorSource source(weights, {.precision = options.precision,
                                .kernels = options.kernels,
                                .team = team.get(),
                                .memory = &memory,
                                .prepared = prepared ? &*prepared : nullptr});
  auto encoder = (*builder)(config, source);
  if (!encoder.ok()) return encoder.status();
  if (prepared) Keep(*prepared, *team, options.prepared_file);
  weights.ReleasePages();  // most of them have been laid out anew
  BackendInfo info{.name = "native",
                   .precision = PrecisionName(options.precision),
                   .num_labels = static_cast<int>(config.labels.size()),
                   .max_tokens = (*encoder)->max_tokens(),
                   .soft_limit = (*encoder)->soft_limit(),
                   .vocabulary_size = (*encoder)->vocabulary_size(),
                   .parameters = source.parameters(),
                   .lanes = options.threads,
                   .wide_from_tokens = kWideFromMultiplications / std::max<int64_t>(1, source.multiplications())};
  return std::make_unique<NativeBackend>(std::move(weights), *std::move(encoder), std::move(info), options, std::move(team),
                                         memory.buffers());
}

}  // namespace verdict
