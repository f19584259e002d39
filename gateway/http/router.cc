#include "gateway/http/router.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

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

void Router::Add(Route route) {
  PathPattern pattern(route.path);
  const Entry& entry = entries_.emplace_back(Entry{std::move(route), std::move(pattern)});
  if (entry.pattern.literal()) {
    literal_[entry.route.path].push_back(&entry);
  } else {
    patterns_.push_back(&entry);
  }
}

std::vector<std::pair<std::string, std::string>> Router::List() const {
  std::vector<std::pair<std::string, std::string>> list;
  for (const Entry& entry : entries_) list.emplace_back(entry.route.method, entry.route.path);
  return list;
}

std::optional<Router::Match> Router::Lookup(std::string_view method, std::string_view path) const {
  if (const auto found = literal_.find(absl::string_view(path.data(), path.size())); found != literal_.end()) {
    for (const Entry* entry : found->second) {
      if (entry->route.method == method) return Match{&entry->route, {}};
    }
  }
  for (const Entry* entry : patterns_) {
    if (entry->route.method != method) continue;
    if (auto parameters = entry->pattern.Match(path)) return Match{&entry->route, *std::move(parameters)};
  }
  return std::nullopt;
}

std::string Router::Allowed(std::string_view path) const {
  std::set<std::string> methods;
  for (const Entry& entry : entries_) {
    if (!entry.pattern.Match(path)) continue;
    methods.insert(entry.route.method);
    if (entry.route.method == "GET") methods.insert("HEAD");
  }
  return absl::StrJoin(methods, ", ");
}

ProblemOr<Router::Match> Router::Find(std::string_view method, std::string_view path) const {
  if (auto match = Lookup(method, path)) return *std::move(match);
  if (method == "HEAD") {
    if (auto match = Lookup("GET", path)) return *std::move(match);
  }
  if (!IsHttpMethod(method)) return Problem{501, absl::StrCat("the method ", std::string(method), " is not known here")};
  const std::string allowed = Allowed(path);
  if (allowed.empty()) return Problem{404, absl::StrCat("there is nothing at ", Shortened(path))};
  Problem problem{405, absl::StrCat(Shortened(path), " takes ", allowed, ", not ", std::string(method))};
  problem.headers.Add("Allow", allowed);
  return problem;
}

}  // namespace verdict
