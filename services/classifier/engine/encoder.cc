#include "services/classifier/engine/encoder.h"

#include <map>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "services/classifier/engine/architectures.h"

namespace verdict {

absl::StatusOr<EncoderBuilder> FindEncoderBuilder(const ModelConfig& config) {
  // A new architecture is one file and one line here.
  const std::map<std::string, EncoderBuilder> builders = {
      {"albert", BuildAlbert},         {"bert", BuildBert},
      {"camembert", BuildRoberta},     {"deberta-v2", BuildDebertaV2},
      {"distilbert", BuildDistilBert}, {"electra", BuildElectra},
      {"modernbert", BuildModernBert}, {"mpnet", BuildMpNet},
      {"roberta", BuildRoberta},       {"xlm-roberta", BuildRoberta},
  };
  const auto found = builders.find(config.model_type);
  if (found != builders.end()) return found->second;
  const auto name = [](std::string* out, const auto& entry) { *out += entry.first; };
  return config.file.Error("model_type",
                           absl::StrCat("the architecture \"", config.model_type,
                                        "\" is not supported from safetensors; supported: ", absl::StrJoin(builders, ", ", name),
                                        ". Other classifiers can be exported as model.pt with tools/export_torchscript.py"));
}

}  // namespace verdict
