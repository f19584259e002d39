#include "gateway/http/router.h"

#include <algorithm>
#include <array>
#include <set>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/utf8.h"

namespace verdict {
namespace {

bool IsHttpMethod(std::string_view method) {
  constexpr std::array<std::string_view, 9> kMethods = {"GET",     "HEAD",  "POST",    "PUT",  "DELETE",
                                                        "CONNECT", "TRACE", "OPTIONS", "PATCH"};
  return std::find(kMethods.begin(), kMethods.end(), method) != kMethods.end();
}

}  // namespace

const Route* Router::Exact(std::string_view method, std::string_view path) const {
  const auto found =
      std::find_if(routes_.begin(), routes_.end(), [&](const Route& r) { return r.path == path && r.method == method; });
  return found == routes_.end() ? nullptr : &*found;
}

std::string Router::Allowed(std::string_view path) const {
  std::set<std::string> methods;
  for (const Route& route : routes_) {
    if (route.path != path) continue;
    methods.insert(route.method);
    if (route.method == "GET") methods.insert("HEAD");
  }
  return absl::StrJoin(methods, ", ");
}

ProblemOr<const Route*> Router::Find(std::string_view method, std::string_view path) const {
  if (const Route* route = Exact(method, path)) return route;
  if (method == "HEAD") {
    if (const Route* route = Exact("GET", path)) return route;
  }
  if (!IsHttpMethod(method)) return Problem{501, absl::StrCat("the method ", std::string(method), " is not known here")};
  const std::string allowed = Allowed(path);
  if (allowed.empty()) return Problem{404, absl::StrCat("there is nothing at ", Shortened(path))};
  Problem problem{405, absl::StrCat(std::string(path), " takes ", allowed, ", not ", std::string(method))};
  problem.headers.Add("Allow", allowed);
  return problem;
}

}  // namespace verdict
