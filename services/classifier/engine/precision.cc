#include "services/classifier/engine/precision.h"

#include "absl/strings/str_cat.h"

namespace verdict {

std::string PrecisionName(Precision precision) {
  switch (precision) {
    case Precision::kFp32:
      return "fp32";
    case Precision::kBf16:
      return "bf16";
    case Precision::kInt8:
      return "int8";
  }
  return "";
}

absl::StatusOr<Precision> ChoosePrecision(const std::string& wish, const Kernels& kernels) {
  if (wish == "fp32") return Precision::kFp32;
  if (wish == "bf16") return Precision::kBf16;
  if (wish == "int8") return Precision::kInt8;
  if (wish == "auto") return kernels.fast_bf16 ? Precision::kBf16 : Precision::kFp32;
  return absl::InvalidArgumentError(absl::StrCat("precision: \"", wish, "\" is none of auto, fp32, bf16, int8"));
}

}  // namespace verdict
