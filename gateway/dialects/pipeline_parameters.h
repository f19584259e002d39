#pragma once

#include <optional>
#include <string_view>
#include <vector>

#include "boost/json/value.hpp"
#include "gateway/client/classifier_client.h"
#include "gateway/http/problem.h"

namespace verdict {

// The parameters of the text-classification pipeline of transformers.
//   top_k               a positive number, also above that of the labels; null: all labels
//   return_all_scores   true: as top_k null; false: as top_k 1; counts where there is no top_k
//   function_to_apply   "sigmoid", "softmax" or "none", in upper or lower case; null: the model's own
//   truncation          true, "longest_first", "only_first" (of single texts), null: as the model's configuration says; false,
//                       "do_not_truncate": a text that is too long is refused
//   max_length          a positive number; obeyed as far as it cuts nothing that the model takes, see CheckMaxLength
//   padding             changes no answer
// Others are a 400 that names them.
struct PipelineParameters {
  std::optional<int> top_k = std::nullopt;  // nothing: none was asked for; 0: all
  ClassifyCall::Function function = ClassifyCall::Function::kModelDefault;
  ClassifyCall::Truncation truncation = ClassifyCall::Truncation::kDefault;
  bool only_first = false;
  int max_length = 0;  // 0: none
};

// `value` is an object or null; `name` is its place, for sentences.
ProblemOr<PipelineParameters> ReadPipelineParameters(const boost::json::value& value, std::string_view name = "parameters");

// Lets the call apply and truncate as asked; top_k stays as it is. Problem: "only_first" with a pair, which the service would cut
// elsewhere.
std::optional<Problem> Apply(const PipelineParameters& parameters, ClassifyCall& call);

// The service cuts at the model's limit and nowhere else: a 400 when a text of the reply has more tokens than max_length.
std::optional<Problem> CheckMaxLength(const PipelineParameters& parameters, const ClassifyReply& reply);

}  // namespace verdict
