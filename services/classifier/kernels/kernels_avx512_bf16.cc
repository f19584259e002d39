#define VERDICT_VECTOR_BYTES 64
#include "services/classifier/kernels/instruction_sets.h"
#include "services/classifier/kernels/kernel_templates.h"

namespace verdict {

const Kernels* KernelsOfAvx512Bf16() {
  static const Kernels kKernels = [] {
    Kernels better = *KernelsOfAvx512Vnni();
    better.name = "avx512_bf16";
    better.bf16 = MultiplyPanels<Bf16Dot>;
    better.bf16_input = NumberType::kBf16;
    better.fast_bf16 = true;
    // These write bf16, which is one instruction now.
    better.norm = Norm;
    better.softmax = Softmax;
    better.convert = Convert;
    return better;
  }();
  return &kKernels;
}

}  // namespace verdict
