#include "services/classifier/engine/disentangled_attention.h"

#include <algorithm>
#include <cmath>

#include "services/classifier/kernels/pack.h"

namespace verdict {
namespace {

// Products of `count` rows with the panels that hold a table's rows: [count, stride], where row r of the table is column
// r - first.
struct TableScores {
  float* values = nullptr;
  int64_t stride = 0, first = 0;
};

TableScores ScoresOf(const Pass& pass, Arena& arena, const float* x, const AttentionInput& input, int64_t count,
                     const void* table, const RelativePositions::Rows& rows) {
  const int64_t first = rows.first / kPanel, last = PanelsFor(rows.first + rows.count);
  TableScores scores{.values = nullptr, .stride = (last - first) * kPanel, .first = first * kPanel};
  scores.values = arena.Take<float>(count * scores.stride);
  pass.kernels.fp32({.a = x,
                     .a_stride = input.stride,
                     .rows = count,
                     .b = static_cast<const float*>(table) + first * kPanel * input.width,
                     .b_stride = kPanel * input.width,
                     .depth = input.width,
                     .columns = scores.stride,
                     .c = scores.values,
                     .c_stride = scores.stride},
                    0, last - first);
  return scores;
}

}  // namespace

void DisentangledAttention::Project(TensorSource& source, const std::string& name, const Tensor& table, Table& to) const {
  const int64_t hidden = table.shape[1];
  const Linear projection = Linear::TakeExact(source, name, {.out = hidden, .in = hidden});
  if (!source.ok()) return;
  std::vector<float> rows(static_cast<size_t>(table_rows_ * hidden));
  std::vector<Arena> arenas(static_cast<size_t>(source.options().team->threads()));
  const Pass pass{*source.options().kernels, *source.options().team, arenas, {}};
  projection(pass, {.data = const_cast<float*>(table.data), .stride = hidden}, table_rows_,
             {.values = rows.data(), .stride = hidden});
  const int64_t panels = PanelsFor(table_rows_);
  for (int64_t head = 0; head < options_.heads; ++head) {
    const auto& piece =
        to.emplace_back(source.options().memory->Take(static_cast<size_t>(panels * kPanel * width_) * sizeof(float)));
    for (int64_t first = 0; first < table_rows_; first += kPanel) {
      const float* const from = rows.data() + first * hidden + head * width_;
      PackPanel(reinterpret_cast<const uint32_t*>(from), hidden, std::min(kPanel, table_rows_ - first), width_,
                static_cast<uint32_t*>(piece.get()) + first * width_);
    }
  }
}

DisentangledAttention DisentangledAttention::Take(TensorSource& source, const std::string& prefix, const Options& options,
                                                  const Tensor& table, const std::string& own_query, const std::string& own_key) {
  DisentangledAttention attention;
  attention.options_ = options;
  if (!options.relative || !source.ok()) return attention;
  attention.width_ = table.shape[1] / options.heads;
  attention.table_rows_ = table.rows();
  const auto project = [&](const std::string& own, const std::string& name, Table& to) {
    attention.Project(source, options.shared_projections ? own : prefix + name, table, to);
  };
  if (options.content_to_position) project(own_key, "pos_key_proj", attention.position_keys_);
  if (options.position_to_content) project(own_query, "pos_query_proj", attention.position_queries_);
  return attention;
}

void DisentangledAttention::AddRelativeScores(const Pass& pass, const AttentionInput& input, const RelativePositions::Rows& rows,
                                              const ScoreBlock& block) const {
  Arena& arena = pass.arenas[static_cast<size_t>(block.thread)];
  const Arena::Scope scope(arena);
  const auto head = static_cast<size_t>(block.head);
  const int64_t begin = pass.tokens.begin(block.sequence), column = block.head * input.width;
  const auto place = [&](int64_t token) { return (begin + token) * input.stride + column; };
  // Of distance query - key.
  const int32_t* const of_distance = rows.of_distance.data() + block.length - 1;
  if (!position_keys_.empty()) {
    const TableScores table = ScoresOf(pass, arena, static_cast<const float*>(input.q) + place(block.first_query), input,
                                       block.queries, position_keys_[head].get(), rows);
    for (int64_t i = 0; i < block.queries; ++i) {
      const float* const from = table.values + i * table.stride + rows.first - table.first;
      const int32_t* const row = of_distance + block.first_query + i;
      float* const scores = block.scores + i * block.stride;
      for (int64_t j = 0; j < block.length; ++j) scores[j] += input.scale * from[row[-j]];
    }
  }
  if (!position_queries_.empty()) {
    const TableScores table = ScoresOf(pass, arena, static_cast<const float*>(input.k) + place(0), input, block.length,
                                       position_queries_[head].get(), rows);
    for (int64_t j = 0; j < block.length; ++j) {
      const float* const from = table.values + j * table.stride + rows.first - table.first;
      const int32_t* const row = of_distance + block.first_query - j;
      float* const scores = block.scores + j;
      for (int64_t i = 0; i < block.queries; ++i) scores[i * block.stride] += input.scale * from[row[i]];
    }
  }
}

void DisentangledAttention::operator()(const Pass& pass, AttentionInput input, Queries queries,
                                       const std::vector<RelativePositions::Rows>& rows, const InputRows& to) const {
  const int64_t terms = 1 + options_.content_to_position + options_.position_to_content;
  input.scale = 1 / std::sqrt(static_cast<float>(input.width * terms));
  const auto add = [&](const ScoreBlock& block) {
    AddRelativeScores(pass, input, rows[static_cast<size_t>(block.sequence)], block);
  };
  // The keys' scores are made for each block of queries anew: few large ones.
  AttentionOptions options{.queries = queries, .most_queries = 512};
  if (options_.relative) options.add = add;
  PackedAttention(pass, input, options, to);
}

}  // namespace verdict
