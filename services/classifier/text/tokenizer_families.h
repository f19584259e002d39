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

using TokenizerFamily = BuiltTokenizer (*)(TokenizerSource& source);

// WordPiece.
BuiltTokenizer BuildBert(TokenizerSource& source);
BuiltTokenizer BuildDistilBert(TokenizerSource& source);
BuiltTokenizer BuildMpnet(TokenizerSource& source);
BuiltTokenizer BuildFunnel(TokenizerSource& source);

// Byte-level BPE.
BuiltTokenizer BuildRoberta(TokenizerSource& source);
BuiltTokenizer BuildDeberta(TokenizerSource& source);

// Unigram.
BuiltTokenizer BuildXlmRoberta(TokenizerSource& source);
BuiltTokenizer BuildCamembert(TokenizerSource& source);
BuiltTokenizer BuildAlbert(TokenizerSource& source);
BuiltTokenizer BuildDebertaV2(TokenizerSource& source);

// tokenizer.json as it is written: PreTrainedTokenizerFast.
BuiltTokenizer BuildAsWritten(TokenizerSource& source);

struct TokenizerClass {
  std::string_view name;  // without the ending "Fast"
  TokenizerFamily build;
};

// The class that AutoTokenizer takes for a directory. Errors: kUnimplemented for one that is not built here.
absl::StatusOr<TokenizerClass> FindTokenizerClass(const TokenizerSource& source);

}  // namespace verdict
