#define VERDICT_VECTOR_BYTES 16
#include "services/classifier/kernels/instruction_sets.h"
#include "services/classifier/kernels/kernel_templates.h"

namespace verdict {

const Kernels* KernelsOfGeneric() {
  static constexpr Kernels kKernels = MakeKernels("generic");
  return &kKernels;
}

}  // namespace verdict
