#define VERDICT_VECTOR_BYTES 32
#include "services/classifier/kernels/instruction_sets.h"
#include "services/classifier/kernels/kernel_templates.h"

namespace verdict {

const Kernels* KernelsOfAvx2() {
  static constexpr Kernels kKernels = MakeKernels("avx2");
  return &kKernels;
}

}  // namespace verdict
