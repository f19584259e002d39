#pragma once

#include "gateway/dialects/dialect.h"

namespace verdict {

// The contract of a SageMaker hosting container, with the payload of ticket inference:
//   GET|POST /ping      200 with an empty body while the service answers, else 503
//   POST /invocations   {"text": "…"} → {"prediction":{"label":"…","probability":0.98}}: the top label, always a string; behind
//   it
//                       "cascade", its steps, where a cascade answered
// Callers send what they like as Content-Type, or none; see RefuseUnlessJson. Accept is not looked at: the answer is always JSON,
// because SageMaker's callers often send none, or their own default, and a 406 would help nobody.
Dialect SageMakerDialect();

}  // namespace verdict
