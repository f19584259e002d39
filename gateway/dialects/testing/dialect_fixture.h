#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/dialects/dialect.h"
#include "gateway/http/testing/make_request.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {

inline ClassifyReply::Result MakeResult(std::vector<ClassifyReply::Label> labels) {
  ClassifyReply::Result result;
  result.labels = std::move(labels);
  return result;
}

// As a service with the labels A and B answers a call: top_k of them for each input.
inline ClassifyReply ReplyTo(const ClassifyCall& call) {
  ClassifyReply reply;
  for (size_t i = 0; i < call.inputs.size(); ++i) {
    std::vector<ClassifyReply::Label> labels = {{"A", 0.75f, 1}, {"B", 0.25f, 0}};
    if (call.top_k == 1) labels.pop_back();
    reply.results.push_back(MakeResult(std::move(labels)));
    reply.results.back().tokens = 6;
  }
  return reply;
}

// The first route of that path; the test fails where there is none.
inline const ClassifyRoute& RouteAt(const Dialect& dialect, std::string_view path) {
  for (const ClassifyRoute& route : dialect.classify) {
    if (route.path == path) return route;
  }
  ADD_FAILURE() << "no route " << path;
  return dialect.classify.front();
}

inline const QueryRoute& QueryAt(const Dialect& dialect, std::string_view path) {
  for (const QueryRoute& route : dialect.queries) {
    if (route.path == path) return route;
  }
  ADD_FAILURE() << "no route " << path;
  return dialect.queries.front();
}

// What a route reads; nothing, and a failed test, where it finds a problem.
inline std::optional<Reading> Read(const ClassifyRoute& route, const HttpRequest& request) {
  JsonBody body(request.body);
  ProblemOr<Reading> read = route.read(request, body);
  if (const auto* problem = std::get_if<Problem>(&read)) {
    ADD_FAILURE() << request.body << ": " << problem->status << " " << problem->detail;
    return std::nullopt;
  }
  return std::get<Reading>(std::move(read));
}

// The problem that a route finds; status 0, and a failed test, where it finds none.
inline Problem ReadProblem(const ClassifyRoute& route, const HttpRequest& request) {
  JsonBody body(request.body);
  ProblemOr<Reading> read = route.read(request, body);
  if (auto* problem = std::get_if<Problem>(&read)) return std::move(*problem);
  ADD_FAILURE() << request.body << " is read";
  return Problem{0, {}};
}

inline Claim Claims(const ClassifyRoute& route, const HttpRequest& request) {
  JsonBody body(request.body);
  return route.claims ? route.claims(request, body) : Claim::kNo;
}

// The answer to a reply; a failed test where it cannot be written.
inline HttpResponse Write(Reading& reading, const ClassifyReply& reply) {
  ProblemOr<HttpResponse> written = reading.write(reply);
  if (const auto* problem = std::get_if<Problem>(&written)) {
    ADD_FAILURE() << problem->detail;
    return HttpResponse{.status = 0};
  }
  return std::get<HttpResponse>(std::move(written));
}

}  // namespace verdict
