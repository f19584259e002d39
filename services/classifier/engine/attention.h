#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "services/classifier/engine/pass.h"

namespace verdict {

// softmax(q kᵀ * scale + extra) v within each sequence (Vaswani et al., arXiv:1706.03762), head by head.
struct AttentionInput {
  // Queries, keys and values, [tokens, heads * width] each, the heads side by side; fp32, or bf16 where AttendsToBf16 says so.
  const void *q = nullptr, *k = nullptr, *v = nullptr;
  NumberType type = NumberType::kFp32;
  int64_t stride = 0;  // between tokens, of all three
  int64_t heads = 0, width = 0;
  float scale = 1;
};

// Whether queries, keys and values of heads of that width may be given as bf16: what the processor multiplies as such needs no
// conversion then.
bool AttendsToBf16(const Pass& pass, int64_t width);

// Scores [queries, keys] of one head of one sequence, before the softmax.
struct ScoreBlock {
  int thread = 0;
  int64_t sequence = 0, head = 0;
  int64_t first_query = 0, queries = 0;
  int64_t length = 0;  // of the sequence, and so the number of keys
  float* scores = nullptr;
  int64_t stride = 0;
};

// Which tokens of a sequence ask. What a head reads only of the first token has to be asked only there.
enum class Queries { kAll, kFirst };

struct AttentionOptions {
  Queries queries = Queries::kAll;
  bool half = false;                  // q, k and v as bf16 where the processor multiplies such numbers
  std::optional<int64_t> reach = {};  // a query sees the keys at most this far from it; absent: all
  int64_t most_queries = 0;           // of a block of scores; 0: as many as stay in the cache
  // Adds to the scores; needs all keys, so that `reach` must be absent. Called on several threads.
  std::function<void(const ScoreBlock&)> add = {};
};

// to: [tokens, heads * width]; for Queries::kFirst [sequences, heads * width].
void PackedAttention(const Pass& pass, const AttentionInput& input, const AttentionOptions& options, const InputRows& to);

}  // namespace verdict
