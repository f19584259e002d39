#pragma once

#include "services/classifier/kernels/kernels.h"

namespace verdict {

// One file each, compiled for its instruction set. Only the first runs on every processor.
const Kernels* KernelsOfGeneric();
const Kernels* KernelsOfAvx2();        // AVX2, FMA
const Kernels* KernelsOfAvx512();      // AVX-512 F, BW, DQ, VL
const Kernels* KernelsOfAvx512Vnni();  // and VNNI: products of bytes
const Kernels* KernelsOfAvx512Bf16();  // and BF16: products of bf16
const Kernels* KernelsOfAmx();         // and AMX: products of tiles of bf16 and bytes

// As KernelsOfAmx, with tiles in software: for processors that have none, in tests.
const Kernels* KernelsOfEmulatedAmx();

// Asks the kernel for the use of tiles, which are too large to be saved for every thread unasked, and computes a product to see
// whether they do what they should.
bool AmxWorks();

}  // namespace verdict
