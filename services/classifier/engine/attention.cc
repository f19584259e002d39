#include "services/classifier/engine/attention.h"

#include <algorithm>

#include "services/classifier/kernels/pack.h"

namespace verdict {
namespace {

// One head of one sequence.
class HeadAttention {
 public:
  HeadAttention(const Pass& pass, const AttentionInput& input, const AttentionOptions& options, Arena& arena)
      : pass_(pass),
        input_(input),
        options_(options),
        arena_(arena),
        half_(input.type == NumberType::kBf16 || (options.half && pass.kernels.bf16_input == NumberType::kBf16)),
        depth_(half_ ? (input.width + 1) / 2 * 2 : input.width) {}

  // out: fp32 or bf16.
  void Run(int64_t sequence, int64_t head, int thread, const InputRows& out) {
    const Arena::Scope scope(arena_);
    length_ = pass_.tokens.length(sequence);
    const int64_t begin = pass_.tokens.begin(sequence), column = head * input_.width;
    const int64_t offset = begin * input_.stride + column;
    PackKeys(At(input_.k, offset));
    PackValues(At(input_.v, offset));
    // Blocks of queries whose scores stay in the cache.
    constexpr int64_t kScores = 24576;
    const int64_t cached = std::clamp<int64_t>(kScores / (key_panels() * kPanel) / 12 * 12, 12, 96);
    const int64_t most = options_.most_queries > 0 ? options_.most_queries : cached;
    const bool all = options_.queries == Queries::kAll;
    const int64_t asking = all ? length_ : 1;
    for (int64_t query = 0; query < asking; query += most) {
      const int64_t queries = std::min(most, asking - query);
      InputRows to = RowsFrom(out, all ? begin + query : sequence);
      to.data = static_cast<std::byte*>(to.data) + column * BytesOf(out.type);
      Attend({.thread = thread, .sequence = sequence, .head = head, .first_query = query, .queries = queries, .length = length_},
             At(input_.q, offset + query * input_.stride), to);
    }
  }

 private:
  const void* At(const void* from, int64_t offset) const {
    return static_cast<const std::byte*>(from) + offset * BytesOf(input_.type);
  }

  int64_t key_panels() const { return PanelsFor(length_); }
  int64_t value_panels() const { return PanelsFor(input_.width); }
  int64_t dwords() const { return half_ ? depth_ / 2 : depth_; }

  // Rows of queries or keys as the product wants them.
  struct Rows {
    const void* data = nullptr;
    int64_t stride = 0;
  };

  // Without the other heads between them; a last odd number is followed by zero.
  Rows Gather(const void* from, int64_t count, float scale) {
    if (input_.type == NumberType::kBf16) return {from, input_.stride};
    const auto* const rows = static_cast<const float*>(from);
    auto* const values = arena_.Take<float>(count * depth_);
    for (int64_t i = 0; i < count; ++i) {
      for (int64_t j = 0; j < input_.width; ++j) values[i * depth_ + j] = rows[i * input_.stride + j] * scale;
      std::fill(values + i * depth_ + input_.width, values + (i + 1) * depth_, 0.0F);
    }
    if (!half_) return {values, depth_};
    const InputRows to = TakeInput(arena_, NumberType::kBf16, count, depth_);
    pass_.kernels.convert(values, depth_, count, depth_, to);
    return {to.data, depth_};
  }

  void PackKeys(const void* k) {
    const Profile::Span span(pass_.profile, "attention: lay out");
    keys_ = arena_.Take<uint32_t>(key_panels() * kPanel * dwords());
    const Arena::Scope scope(arena_);
    const Rows rows = Gather(k, length_, 1);
    const int64_t stride = rows.stride / (half_ ? 2 : 1);
    for (int64_t panel = 0; panel < key_panels(); ++panel) {
      const int64_t first = panel * kPanel;
      PackPanel(static_cast<const uint32_t*>(rows.data) + first * stride, stride, std::min(kPanel, length_ - first), dwords(),
                keys_ + first * dwords());
    }
  }

  // Values are the inputs of the second product, one for each key, filled up to the columns of the scores.
  void PackValues(const void* from) {
    const Profile::Span span(pass_.profile, "attention: lay out");
    const int64_t inputs = key_panels() * kPanel, panel = inputs * kPanel;
    const auto* const v = static_cast<const float*>(from);
    if (!half_) {
      auto* const values = arena_.Take<float>(value_panels() * panel);
      for (int64_t i = 0; i < length_; ++i) PackOne(v + i * input_.stride, input_.width, values + i * kPanel, panel);
      for (int64_t p = 0; p < value_panels(); ++p)
        std::fill(values + p * panel + length_ * kPanel, values + (p + 1) * panel, 0.0F);
      values_ = values;
      return;
    }
    auto* const values = arena_.Take<uint32_t>(value_panels() * panel / 2);
    const Arena::Scope scope(arena_);
    const InputRows pair = TakeInput(arena_, NumberType::kBf16, 2, input_.width);
    const auto* const even = static_cast<const uint16_t*>(pair.data);
    for (int64_t i = 0; i < inputs; i += 2) {
      uint32_t* const to = values + i / 2 * kPanel;
      const int64_t count = std::clamp<int64_t>(length_ - i, 0, 2);
      if (count == 0) {
        for (int64_t p = 0; p < value_panels(); ++p) std::fill_n(to + p * panel / 2, kPanel, 0U);
        continue;
      }
      if (input_.type == NumberType::kBf16) {
        const auto* const row = static_cast<const uint16_t*>(from) + i * input_.stride;
        PackPair(row, count == 2 ? row + input_.stride : nullptr, input_.width, to, panel / 2);
        continue;
      }
      pass_.kernels.convert(v + i * input_.stride, input_.stride, count, input_.width, pair);
      PackPair(even, count == 2 ? even + input_.width : nullptr, input_.width, to, panel / 2);
    }
    values_ = values;
  }

  // bf16 rows stay where they are, and the scores are scaled instead of the queries.
  Rows GatherQueries(const void* q, int64_t count) {
    const Profile::Span span(pass_.profile, "attention: lay out");
    return Gather(q, count, input_.scale);
  }
  const float* TakeScale(int64_t count) {
    if (input_.type != NumberType::kBf16) return nullptr;
    auto* const scale = arena_.Take<float>(count);
    std::fill_n(scale, count, input_.scale);
    return scale;
  }

  void Attend(ScoreBlock block, const void* q, const InputRows& to) {
    const Arena::Scope scope(arena_);
    const Rows queries = GatherQueries(q, block.queries);
    // The panels of keys that any query of the block sees.
    const int64_t reach = options_.reach.value_or(length_);
    const int64_t first = std::max<int64_t>(0, block.first_query - reach) / kPanel;
    const int64_t last = PanelsFor(std::min(length_, block.first_query + block.queries + reach));
    const int64_t columns = (last - first) * kPanel, skipped = first * kPanel;
    auto* const scores = arena_.Take<float>(block.queries * columns);
    Multiply("attention: scores", {.a = queries.data,
                                   .a_stride = queries.stride,
                                   .rows = block.queries,
                                   .b = keys_ + skipped * dwords(),
                                   .b_stride = kPanel * depth_,
                                   .depth = depth_,
                                   .columns = columns,
                                   .c = scores,
                                   .c_stride = columns,
                                   .row_scale = TakeScale(block.queries)});
    block.scores = scores;
    block.stride = columns;
    if (options_.add) {
      const Profile::Span span(pass_.profile, "attention: positions");
      options_.add(block);
    }
    auto* const weights = half_ ? arena_.Take<uint16_t>(block.queries * columns) : nullptr;
    auto* const reciprocal = arena_.Take<float>(block.queries);
    const bool local = options_.reach.has_value();
    Softmax({.x = scores,
             .x_stride = columns,
             .rows = block.queries,
             .columns = columns,
             .begin = local ? block.first_query - reach - skipped : 0,
             .end = local ? block.first_query + reach + 1 - skipped : length_,
             .slope = local ? 1 : 0,
             .length = length_ - skipped,
             .bf16 = weights,
             .reciprocal = reciprocal});
    const int64_t group = half_ ? 2 : 1;
    Multiply("attention: values", {.a = half_ ? static_cast<const void*>(weights) : scores,
                                   .a_stride = columns,
                                   .rows = block.queries,
                                   .b = static_cast<const uint32_t*>(values_) + skipped / group * kPanel,
                                   .b_stride = key_panels() * kPanel * kPanel,
                                   .depth = columns,
                                   .columns = input_.width,
                                   .c = to.data,
                                   .c_stride = to.stride,
                                   .c_is_bf16 = to.type == NumberType::kBf16,
                                   .row_scale = reciprocal});
  }

  void Multiply(const char* name, const Product& product) const {
    const Profile::Span span(pass_.profile, name, 2.0 * static_cast<double>(product.rows * product.depth * product.columns));
    (half_ ? pass_.kernels.bf16 : pass_.kernels.fp32)(product, 0, PanelsFor(product.columns));
  }

  void Softmax(const SoftmaxRows& rows) const {
    const Profile::Span span(pass_.profile, "attention: softmax");
    pass_.kernels.softmax(rows);
  }

  const Pass& pass_;
  const AttentionInput& input_;
  const AttentionOptions& options_;
  Arena& arena_;
  bool half_;
  int64_t depth_;  // of a head, filled up to whole groups
  int64_t length_ = 0;
  uint32_t* keys_ = nullptr;
  const void* values_ = nullptr;
};

}  // namespace

bool AttendsToBf16(const Pass& pass, int64_t width) { return pass.kernels.bf16_input == NumberType::kBf16 && width % 2 == 0; }

void PackedAttention(const Pass& pass, const AttentionInput& input, const AttentionOptions& options, const InputRows& to) {
  const Arena::Scope scope(pass.arena());
  const int64_t width = input.heads * input.width;
  const int64_t rows = options.queries == Queries::kAll ? pass.tokens.tokens() : pass.tokens.sequences();
  const bool quantised = to.type == NumberType::kUint8;
  const InputRows direct = quantised ? TakeInput(pass.arena(), NumberType::kFp32, rows, width) : to;
  pass.team.For(pass.tokens.sequences() * input.heads, [&](int64_t task, int thread) {
    HeadAttention attention(pass, input, options, pass.arenas[static_cast<size_t>(thread)]);
    attention.Run(task / input.heads, task % input.heads, thread, direct);
  });
  if (!quantised) return;
  const Profile::Span span(pass.profile, "quantise");
  ForRows(pass, rows, [&](int64_t first, int64_t count) {
    const InputRows from = RowsFrom(direct, first);
    pass.kernels.convert(static_cast<const float*>(from.data), from.stride, count, width, RowsFrom(to, first));
  });
}

}  // namespace verdict
