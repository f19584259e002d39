#pragma once

#include <string>
#include <vector>

#include "gateway/client/classifier_client.h"

namespace verdict {

// Appends {"label":"…","score":0.98}, as the pipelines of transformers answer.
void AppendLabelScore(std::string& out, const ClassifyReply::Label& label);

// Appends a list of these, in the order in which they are.
void AppendLabelScores(std::string& out, const std::vector<ClassifyReply::Label>& labels);

}  // namespace verdict
