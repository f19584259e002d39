#pragma once

#include <string>
#include <string_view>

#include "gateway/http/http_message.h"
#include "gateway/http/problem.h"

namespace verdict {

HttpResponse JsonResponse(std::string body, int status = 200);

// The problem as {"error":"…"}, which several contracts have.
HttpResponse WriteErrorMember(const Problem& problem);

// The problem as the Java model servers write it: {"code":404,"type":"ModelNotFoundException","message":"…"}. The type follows
// from the status unless `type` says otherwise.
HttpResponse WriteModelServerError(const Problem& problem, std::string_view type = {});

}  // namespace verdict
