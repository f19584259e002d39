#pragma once

#include <functional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "gateway/client/classifier_client.h"
#include "gateway/http/problem.h"

namespace verdict {

// A route that classifies: how its request becomes a call, and how reply and problem become its answer. Pure functions, called
// from any thread.
struct ClassifyRoute {
  std::string path;  // of POST
  std::function<ProblemOr<ClassifyCall>(const HttpRequest&)> read;
  std::function<ProblemOr<HttpResponse>(const HttpRequest&, const ClassifyReply&)> write;
  std::function<HttpResponse(const HttpRequest&, const Problem&)> write_problem;
};

// A route that tells whether the service answers.
struct HealthRoute {
  std::vector<std::string> methods;
  std::string path;
  std::function<HttpResponse(const HttpRequest&, const absl::Status& health)> write;
};

// One HTTP contract: what its file offers and the gateway registers.
struct Dialect {
  std::vector<ClassifyRoute> classify;
  std::vector<HealthRoute> health;
};

}  // namespace verdict
