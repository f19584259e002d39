#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "services/classifier/text/pipeline_tokenizer.h"
#include "services/classifier/text/tokenizer_source.h"

namespace verdict {

// The tokenizer classes of transformers 5.23, one function each. All but the last build the pipeline of their family, whatever
// tokenizer.json says beside the vocabulary. Errors as of LoadTokenizer.

using TokenizerFamily = absl::StatusOr<std::unique_ptr<PipelineTokenizer>> (*)(TokenizerSource& source);

// WordPiece.
absl::StatusOr<std::unique_ptr<PipelineTokenizer>> BuildBert(TokenizerSource& source);
absl::StatusOr<std::unique_ptr<PipelineTokenizer>> BuildDistilBert(TokenizerSource& source);
absl::StatusOr<std::unique_ptr<PipelineTokenizer>> BuildMpnet(TokenizerSource& source);
absl::StatusOr<std::unique_ptr<PipelineTokenizer>> BuildFunnel(TokenizerSource& source);

// Byte-level BPE.
absl::StatusOr<std::unique_ptr<PipelineTokenizer>> BuildRoberta(TokenizerSource& source);
absl::StatusOr<std::unique_ptr<PipelineTokenizer>> BuildDeberta(TokenizerSource& source);

// Unigram.
absl::StatusOr<std::unique_ptr<PipelineTokenizer>> BuildXlmRoberta(TokenizerSource& source);
absl::StatusOr<std::unique_ptr<PipelineTokenizer>> BuildCamembert(TokenizerSource& source);
absl::StatusOr<std::unique_ptr<PipelineTokenizer>> BuildAlbert(TokenizerSource& source);
absl::StatusOr<std::unique_ptr<PipelineTokenizer>> BuildDebertaV2(TokenizerSource& source);

// tokenizer.json as it is written: PreTrainedTokenizerFast.
absl::StatusOr<std::unique_ptr<PipelineTokenizer>> BuildAsWritten(TokenizerSource& source);

struct TokenizerClass {
  std::string_view name;  // without the ending "Fast"
  TokenizerFamily build;
};

// The class that AutoTokenizer takes for a directory. Errors: kUnimplemented for one that is not built here.
absl::StatusOr<TokenizerClass> FindTokenizerClass(const TokenizerSource& source);

}  // namespace verdict
