#pragma once

#include <optional>
#include <string_view>

#include "gateway/dialects/dialect.h"

namespace verdict {

// Hugging Face has two conventions for the answer to one text.
enum class HuggingFaceFormat {
  kAuto,    // by the route
  kFlat,    // as the pipeline of transformers answers, and with it the toolkit in SageMaker's containers: [{…}]
  kNested,  // as the hosted API answers, and its clients expect: [[{…},{…}]]
};

struct HuggingFaceOptions {
  HuggingFaceFormat format = HuggingFaceFormat::kAuto;
};

// Header with which a caller chooses the convention: "flat" or "nested".
inline constexpr char kHuggingFaceFormatHeader[] = "x-verdict-hf-format";

// The contracts of Hugging Face: {"inputs": …, "parameters": {…}} → labels and scores.
//   POST /invocations                                           flat; errors {"code","type","message"}, as the toolkit's
//   POST / , /models/{model} , /models/{model}/pipeline/text-classification , /pipeline/text-classification[/{model}]
//                                                               nested; errors {"error"}; a body that is the text is read, too
Dialect HuggingFaceDialect(const HuggingFaceOptions& options);

// "auto", "flat" or "nested"; nothing for another word.
std::optional<HuggingFaceFormat> ParseHuggingFaceFormat(std::string_view word);

// Whether a body has `inputs` and nothing by which they are another contract's: MLflow's `params`, the `truncate`, `raw_scores`
// and `truncation_direction` of text-embeddings-inference, the `datatype` of Open Inference's tensors. Beside a member of ours,
// theirs do not count: then the body is both.
bool HasHuggingFaceInputs(JsonBody& body);

}  // namespace verdict
