#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "services/classifier/engine/layers.h"
#include "services/classifier/engine/relative_positions.h"

namespace verdict {

// DeBERTa's attention (He et al., arXiv:2006.03654): to the scores of contents come those of contents with relative positions,
//   score(i, j) = (q_i·k_j + q_i·K[r(i, j)] + k_j·Q[r(i, j)]) / sqrt(width of a head * number of terms),
// where K and Q are projections of the table of relative positions, made once when the model is loaded. The scores are sums of
// several terms, so they are computed in fp32 whatever the type of q, k and v.
class DisentangledAttention {
 public:
  struct Options {
    int64_t heads = 0;
    bool relative = false;             // false: the terms count in the scale only, as in transformers
    bool content_to_position = false;  // the term with K
    bool position_to_content = false;  // the term with Q
    bool shared_projections = false;   // K and Q are made by the layer's own key and query projections
  };

  // `table`: [2 * span, hidden]; undefined when not relative. `query`, `key`: the layer's own projections.
  static DisentangledAttention Take(TensorSource& source, const std::string& prefix, const Options& options,
                                    const at::Tensor& table, const Linear& query, const Linear& key);

  // q, k, v: [tokens, hidden]; attention stays within each sequence. `rows` holds those of each sequence; empty when not
  // relative.
  at::Tensor operator()(const at::Tensor& q, const at::Tensor& k, const at::Tensor& v, const std::vector<int64_t>& offsets,
                        const std::vector<RelativePositions::Rows>& rows) const;

 private:
  explicit DisentangledAttention(const Options& options) : options_(options) {}

  // q, k: [heads, length, width of a head].
  at::Tensor RelativeScores(const at::Tensor& q, const at::Tensor& k, const RelativePositions::Rows& rows, double scale) const;

  Options options_;
  at::Tensor position_keys_, position_queries_;  // K and Q by head: [heads, 2 * span, width of a head], or undefined
};

}  // namespace verdict
