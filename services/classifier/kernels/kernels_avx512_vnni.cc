#define VERDICT_VECTOR_BYTES 64
#include "services/classifier/kernels/instruction_sets.h"
#include "services/classifier/kernels/kernel_templates.h"

namespace verdict {

const Kernels* KernelsOfAvx512Vnni() {
  static const Kernels kKernels = [] {
    Kernels better = *KernelsOfAvx512();
    better.name = "avx512_vnni";
    better.int8 = MultiplyPanels<Int8Dot>;
    better.fast_int8 = true;
    return better;
  }();
  return &kKernels;
}

}  // namespace verdict
