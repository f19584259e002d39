#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/classifier/kernels/kernels.h"

namespace verdict {

// The numbers of the large matrix products. Embeddings, residual sums, layer norms, the softmax and the classification head are
// fp32 in any case.
enum class Precision {
  kFp32,
  kBf16,  // half the memory, and twice the speed where the processor multiplies them; 8 significant bits
  kInt8,  // a quarter of the memory; integers of 8 bits, with a scale for each output and each token
};

// "fp32", "bf16", "int8".
std::string PrecisionName(Precision precision);

// What --precision says: one of the three, or "auto", which is bf16 where the processor multiplies bf16 numbers itself and fp32
// elsewhere. Error: kInvalidArgument for another word.
absl::StatusOr<Precision> ChoosePrecision(const std::string& wish, const Kernels& kernels);

}  // namespace verdict
