#pragma once

#include <ATen/core/ScalarType.h>

#include <string>

#include "absl/status/statusor.h"

namespace verdict {

// The numbers of the large matrix products and of the activations between them. Embeddings, the sums inside layer norms and
// softmax, and the classification head are fp32 in any case.
enum class Precision {
  kFp32,
  kBf16,  // half the memory, and twice the speed where the processor multiplies them; 8 significant bits
};

// "fp32", "bf16".
std::string PrecisionName(Precision precision);

at::ScalarType TypeOf(Precision precision);

// What --precision says: "fp32", "bf16", or "auto", which is bf16 where the processor multiplies bf16 numbers itself (AVX-512
// BF16 or AMX) and fp32 elsewhere. Errors: kInvalidArgument for another word, and for bf16 on a processor without AVX-512, where
// LibTorch has no kernels for it.
absl::StatusOr<Precision> ChoosePrecision(const std::string& wish);

}  // namespace verdict
