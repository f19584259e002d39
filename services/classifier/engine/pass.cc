#include "services/classifier/engine/pass.h"

#include <algorithm>

namespace verdict {

int64_t BytesOf(NumberType type) { return type == NumberType::kFp32 ? 4 : type == NumberType::kBf16 ? 2 : 1; }

InputRows TakeInput(Arena& arena, NumberType type, int64_t rows, int64_t width) {
  InputRows input{.type = type, .data = arena.Take<std::byte>(rows * width * BytesOf(type)), .stride = width};
  if (type == NumberType::kUint8) {
    input.scale = arena.Take<float>(rows);
    input.zero = arena.Take<int32_t>(rows);
  }
  return input;
}

InputRows RowsFrom(const InputRows& input, int64_t row) {
  InputRows rows = input;
  rows.data = static_cast<std::byte*>(input.data) + row * input.stride * BytesOf(input.type);
  if (input.scale != nullptr) rows.scale = input.scale + row;
  if (input.zero != nullptr) rows.zero = input.zero + row;
  return rows;
}

Hidden Hidden::Take(Arena& arena, NumberType input, int64_t rows, int64_t width) {
  Hidden hidden{.values = arena.Take<float>(rows * width), .input = {}, .rows = rows, .width = width};
  hidden.input = input == NumberType::kFp32 ? InputRows{.type = NumberType::kFp32, .data = hidden.values, .stride = width}
                                            : TakeInput(arena, input, rows, width);
  return hidden;
}

void ForRows(const Pass& pass, int64_t rows, absl::FunctionRef<void(int64_t first, int64_t count)> work) {
  if (pass.team.threads() == 1) return work(0, rows);
  constexpr int64_t kChunk = 16;
  pass.team.For((rows + kChunk - 1) / kChunk,
                [&](int64_t chunk, int /*thread*/) { work(chunk * kChunk, std::min(kChunk, rows - chunk * kChunk)); });
}

}  // namespace verdict
