#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "services/classifier/text/normalizer.h"

namespace verdict {

// The character map of a SentencePiece model (precompiled_charsmap: a darts-clone double array and the strings it points to),
// applied as the `tokenizers` package does: a grapheme cluster shorter than six bytes is looked up whole, any other character by
// character; the shortest known prefix decides, and what stands behind it in the cluster is lost.
class PrecompiledNormalizer : public Normalizer {
 public:
  // Errors: kInvalidArgument when the map is cut short or its strings are no UTF-8. Whatever its array says, nothing outside it
  // is read.
  static absl::StatusOr<PrecompiledNormalizer> Create(std::string_view map);

  void Normalize(std::string_view text, std::string& out) const override;
  std::string Describe() const override;

 private:
  static constexpr int32_t kNone = -1;

  PrecompiledNormalizer() = default;

  int32_t Find(std::string_view chunk) const;
  bool Append(std::string_view chunk, std::string& out) const;
  void AppendCluster(std::string_view cluster, std::string& out) const;
  void AppendChar(std::string_view character, std::string& out) const;

  std::vector<uint32_t> units_;
  std::string strings_;               // each ends with U+0000
  std::array<int32_t, 128> ascii_{};  // of Find, for one character
};

}  // namespace verdict
