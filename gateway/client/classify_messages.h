#pragma once

#include "gateway/client/classifier_client.h"
#include "verdict/v1/classifier.pb.h"

namespace verdict {

// Between the gateway's values and the messages of verdict.v1. The texts move, they are not copied.
v1::ClassifyRequest ToMessage(ClassifyCall call);
ClassifyReply FromMessage(v1::ClassifyResponse& response);

}  // namespace verdict
