#pragma once

#include <vector>

#include "gateway/client/classifier_client.h"
#include "gateway/http/http_message.h"
#include "gateway/http/problem.h"
#include "gateway/json/json_body.h"

namespace verdict {

struct TorchServeRequest {
  std::vector<ClassifyCall::Input> inputs;
  bool envelope = false;  // {"instances": […]}, answered by {"predictions": […]}
};

// Reads the body of a prediction by its Content-Type:
//   none, text/*, application/octet-stream  the text itself
//   multipart/form-data, application/x-www-form-urlencoded
//                                           a form whose field "data" or "body" is the text
//   application/json, application/*+json    "…" or {"data": "…"} (also "body" or "text"), or {"instances": […]} of these
// Problems are 400, 413 (see JsonBody) and 415.
ProblemOr<TorchServeRequest> ReadTorchServeRequest(const HttpRequest& request, JsonBody& body);

}  // namespace verdict
