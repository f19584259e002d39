#include "gateway/route_choice.h"

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

// "{\"text\"}, {\"inputs\"} or {\"instances\"}".
std::string ListShapes(const std::vector<const ClassifyRoute*>& routes) {
  std::string list;
  for (size_t i = 0; i < routes.size(); ++i) {
    const char* const separator = i == 0 ? "" : i + 1 == routes.size() ? " or " : ", ";
    absl::StrAppend(&list, separator, routes[i]->shape);
  }
  return list;
}

}  // namespace

ProblemOr<const ClassifyRoute*> ChooseRoute(const std::vector<ClassifyRoute>& routes, const HttpRequest& request,
                                            JsonBody& body) {
  if (routes.size() == 1) return &routes.front();
  std::vector<const ClassifyRoute*> strong, weak;
  for (const ClassifyRoute& route : routes) {
    const Claim claim = route.claims ? route.claims(request, body) : Claim::kNo;
    if (claim == Claim::kStrong) strong.push_back(&route);
    if (claim == Claim::kWeak) weak.push_back(&route);
  }
  const auto& claimants = strong.empty() ? weak : strong;
  if (claimants.empty()) return &routes.front();
  if (claimants.size() == 1) return claimants.front();
  return Problem{
      400, absl::StrCat("the body is ambiguous: it can be read as ", ListShapes(claimants), "; send the members of one of them")};
}

}  // namespace verdict
