#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "services/classifier/engine/attention.h"
#include "services/classifier/engine/layers.h"
#include "services/classifier/engine/relative_positions.h"

namespace verdict {

// The terms that DeBERTa adds to the scores of contents (He et al., arXiv:2006.03654):
//   score(i, j) = (q_i·k_j + q_i·K[r(i, j)] + k_j·Q[r(i, j)]) / sqrt(width of a head * number of terms),
// where K and Q are projections of the table of relative positions, made once when the model is loaded. The scores are sums of
// several terms, so they are computed in fp32 whatever the precision.
class DisentangledAttention {
 public:
  struct Options {
    int64_t heads = 0;
    bool relative = false;             // false: the terms count in the scale only, as in transformers
    bool content_to_position = false;  // the term with K
    bool position_to_content = false;  // the term with Q
    bool shared_projections = false;   // K and Q are made by the layer's own key and query projections
  };

  // `table`: [2 * span, hidden]; undefined when not relative. `own_query`, `own_key`: names of the layer's own projections.
  static DisentangledAttention Take(TensorSource& source, const std::string& prefix, const Options& options, const Tensor& table,
                                    const std::string& own_query, const std::string& own_key);

  // `rows` holds those of each sequence; empty when not relative. `input.scale` is not read.
  void operator()(const Pass& pass, AttentionInput input, Queries queries, const std::vector<RelativePositions::Rows>& rows,
                  const InputRows& to) const;

 private:
  // The table's rows as outputs of a product, head by head.
  using Table = std::vector<std::shared_ptr<void>>;

  void Project(TensorSource& source, const std::string& name, const Tensor& table, Table& to) const;
  void AddRelativeScores(const Pass& pass, const AttentionInput& input, const RelativePositions::Rows& rows,
                         const ScoreBlock& block) const;

  Options options_;
  int64_t width_ = 0, table_rows_ = 0;
  Table position_keys_, position_queries_;
};

}  // namespace verdict
