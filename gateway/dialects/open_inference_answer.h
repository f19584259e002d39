#pragma once

#include <optional>
#include <string>
#include <vector>

#include "gateway/client/classifier_client.h"
#include "gateway/dialects/open_inference_outputs.h"
#include "gateway/http/http_message.h"

namespace verdict {

// The answer: one row per result. With `id` where the request had one.
HttpResponse WriteInferAnswer(const ClassifyReply& reply, const std::optional<std::string>& id,
                              const std::vector<WantedOutput>& outputs);

}  // namespace verdict
