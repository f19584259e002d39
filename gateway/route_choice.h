#pragma once

#include <vector>

#include "gateway/dialects/dialect.h"

namespace verdict {

// The route of `routes` (one path's, not empty) that reads this body; see ClassifyRoute::claims. The problem is a 400 that names
// the shapes which the body has at once.
ProblemOr<const ClassifyRoute*> ChooseRoute(const std::vector<ClassifyRoute>& routes, const HttpRequest& request, JsonBody& body);

}  // namespace verdict
