#define VERDICT_VECTOR_BYTES 64
#include "services/classifier/kernels/instruction_sets.h"
#include "services/classifier/kernels/kernel_templates.h"

namespace verdict {

const Kernels* KernelsOfAvx512() {
  static constexpr Kernels kKernels = MakeKernels("avx512");
  return &kKernels;
}

}  // namespace verdict
