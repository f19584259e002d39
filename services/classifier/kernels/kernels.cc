#include "services/classifier/kernels/kernels.h"

#if defined(__x86_64__)
#include <cpuid.h>
#endif

#include <cstdlib>
#include <string_view>

#include "services/classifier/kernels/instruction_sets.h"

namespace verdict {
namespace {

#if defined(__x86_64__)
// Bits 22 (AMX-BF16), 24 (AMX-TILE) and 25 (AMX-INT8) of EDX, leaf 7; not every compiler knows their names.
bool HasAmx() {
  constexpr unsigned kAll = 1U << 22U | 1U << 24U | 1U << 25U;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  return __get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) != 0 && (edx & kAll) == kAll;
}
#endif

std::vector<const Kernels*> KernelsOfThisProcessor() {
  std::vector<const Kernels*> usable = {KernelsOfGeneric()};
#if defined(__x86_64__)
  if (!__builtin_cpu_supports("avx2") || !__builtin_cpu_supports("fma")) return usable;
  usable.push_back(KernelsOfAvx2());
  if (!__builtin_cpu_supports("avx512f") || !__builtin_cpu_supports("avx512bw") || !__builtin_cpu_supports("avx512dq") ||
      !__builtin_cpu_supports("avx512vl")) {
    return usable;
  }
  usable.push_back(KernelsOfAvx512());
  if (!__builtin_cpu_supports("avx512vnni")) return usable;
  usable.push_back(KernelsOfAvx512Vnni());
  if (!__builtin_cpu_supports("avx512bf16")) return usable;
  usable.push_back(KernelsOfAvx512Bf16());
  if (HasAmx() && AmxWorks()) usable.push_back(KernelsOfAmx());
#endif
  return usable;
}

}  // namespace

std::vector<const Kernels*> UsableKernels() {
  std::vector<const Kernels*> usable = KernelsOfThisProcessor();
  const char* const limit = std::getenv("VERDICT_ISA");  // NOLINT(concurrency-mt-unsafe): nobody sets variables here
  if (limit == nullptr) return usable;
  for (size_t i = 0; i < usable.size(); ++i) {
    if (std::string_view(limit) == usable[i]->name) usable.resize(i + 1);
  }
  return usable;
}

const Kernels& BestKernels() {
  static const Kernels& best = *UsableKernels().back();
  return best;
}

}  // namespace verdict
