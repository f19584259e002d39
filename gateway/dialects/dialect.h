#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "gateway/client/classifier_client.h"
#include "gateway/http/problem.h"
#include "gateway/json/json_body.h"
#include "gateway/records/record_formats.h"

namespace verdict {

// What a dialect made of a request.
struct Reading {
  // Without inputs the service is not asked, and the answer is that to an empty reply. The model may stay empty where the route's
  // path names it: {model} and {version} are filled in.
  ClassifyCall call;
  // From the reply to the answer. Its results are as many as the call's inputs, and each has a label.
  absl::AnyInvocable<ProblemOr<HttpResponse>(const ClassifyReply&)> write;
  // What is wrong with the request, where the contract finds that out only once the service is known to serve: then this is the
  // answer, and if it does not serve, that.
  std::optional<Problem> if_serving = std::nullopt;
};

// How sure a route is that a body is written in its shape.
enum class Claim { kNo, kWeak, kStrong };

// A route that classifies: how its request becomes a call, and how problems become its answer. Pure functions, called from any
// thread.
struct ClassifyRoute {
  std::string path;   // see PathPattern
  std::string shape;  // for people: what it looks for in a body, "{\"inputs\"}"

  // Of several routes with the same path, the one that alone claims a body strongly reads it, else the one that alone claims it
  // weakly; two at once are a 400. What nobody claims, and what is no JSON, is read by the first of them. Empty: claims nothing.
  std::function<Claim(const HttpRequest&, JsonBody&)> claims;

  std::function<ProblemOr<Reading>(const HttpRequest&, JsonBody&)> read;
  std::function<HttpResponse(const HttpRequest&, const Problem&)> write_problem;
  std::vector<std::string> methods = {"POST"};  // routes with the same path have the same
  std::string dialect = {};                     // the contract's name; filled in where the routes are gathered
};

// A route that is answered from what the service tells about itself, or from nothing but the request.
struct QueryRoute {
  struct Nothing {};
  struct Health {};  // within the two seconds that SageMaker waits
  using Question = std::variant<Nothing, Health, ModelsQuery>;

  // The status of the answer, and the models where they were asked for: one of kGet and kLoad.
  struct Answer {
    absl::Status status;
    std::vector<ModelDescription> models;
  };

  std::vector<std::string> methods;
  std::string path;  // see PathPattern
  std::function<ProblemOr<Question>(const HttpRequest&)> ask;
  std::function<HttpResponse(const HttpRequest&, const Answer&)> write;
  std::function<HttpResponse(const HttpRequest&, const Problem&)> write_problem;  // of what `ask` refuses
  bool needs_body = false;                                                        // else `ask` sees none
};

// A question that is the same whatever the request says, for QueryRoute::ask.
template <typename Question>
ProblemOr<QueryRoute::Question> Ask(const HttpRequest&) {
  return QueryRoute::Question(Question());
}

// Bodies of records on a path that classifies: of which requests, and how they are read and answered. They are read as they
// arrive.
struct RecordRoute {
  std::string path;  // of a ClassifyRoute
  std::function<bool(const HttpRequest& head)> takes;
  std::function<ProblemOr<RecordReading>(const HttpRequest& head)> read;
  std::function<HttpResponse(const HttpRequest&, const Problem&)> write_problem;
};

// One HTTP contract: what its file offers and the gateway registers.
struct Dialect {
  std::string name;
  std::vector<ClassifyRoute> classify;
  std::vector<QueryRoute> queries;
  std::string_view openapi = {};  // its part of /openapi.json, gateway/openapi/NAME.json
  std::vector<RecordRoute> records = {};
};

}  // namespace verdict
