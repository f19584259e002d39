#pragma once

#include "services/classifier/kernels/kernels.h"

namespace verdict {

// One file each, compiled for its instruction set. Only the first runs on every processor.
const Kernels* KernelsOfGeneric();
const Kernels* KernelsOfAvx2();        // AVX2, FMA
const Kernels* KernelsOfAvx512();      // AVX-512 F, BW, DQ, VL
const Kernels* KernelsOfAvx512Vnni();  // and VNNI: products of bytes
const Kernels* KernelsOfAvx512Bf16();  // and BF16: products of bf16

}  // namespace verdict
