#include "services/classifier/engine/precision.h"

#include <ATen/Version.h>

#include <cstdlib>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

// ATEN_CPU_CAPABILITY makes LibTorch treat the processor as an older one.
bool HasAvx512() { return __builtin_cpu_supports("avx512bw") != 0 && at::get_cpu_capability() == "AVX512"; }

// ONEDNN_MAX_CPU_ISA does the same for oneDNN. Every processor with AMX has AVX-512 BF16, too.
bool MultipliesBf16() {
  if (!HasAvx512() || __builtin_cpu_supports("avx512bf16") == 0) return false;
  const char* limit = std::getenv("ONEDNN_MAX_CPU_ISA");  // NOLINT(concurrency-mt-unsafe): nobody sets variables here
  if (limit == nullptr) return true;
  const std::string_view isa = limit;
  return isa == "ALL" || isa == "DEFAULT" || isa.find("BF16") != isa.npos || isa.find("AMX") != isa.npos;
}

}  // namespace

std::string PrecisionName(Precision precision) { return precision == Precision::kBf16 ? "bf16" : "fp32"; }

at::ScalarType TypeOf(Precision precision) { return precision == Precision::kBf16 ? at::kBFloat16 : at::kFloat; }

absl::StatusOr<Precision> ChoosePrecision(const std::string& wish) {
  if (wish == "fp32") return Precision::kFp32;
  if (wish == "auto") return MultipliesBf16() ? Precision::kBf16 : Precision::kFp32;
  if (wish != "bf16") return absl::InvalidArgumentError(absl::StrCat("precision: \"", wish, "\" is none of auto, fp32, bf16"));
  if (HasAvx512()) return Precision::kBf16;
  return absl::InvalidArgumentError(
      "precision: bf16 needs a processor with AVX-512, which this one has not; auto takes fp32 here");
}

}  // namespace verdict
