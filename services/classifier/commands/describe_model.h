#pragma once

#include <string>

#include "services/classifier/repository/model_classifier.h"

namespace verdict {

// What was understood of a model directory, for people: architecture, limits, the tokenizer's steps, memory, labels. Lines.
// Memory is that of this process, so nothing else should have been loaded.
std::string DescribeModel(const ModelClassifier::Parts& parts);

}  // namespace verdict
