#pragma once

#include <string>
#include <vector>

#include "gateway/client/classifier_client.h"

namespace verdict {

// Appends how a cascade came to its answer, as a JSON array of {"model","model_version","label","probability","outcome"}; models
// that are not loaded and the fallback label leave out what they do not have.
void AppendCascadeSteps(std::string& out, const std::vector<ClassifyReply::CascadeStep>& steps);

}  // namespace verdict
