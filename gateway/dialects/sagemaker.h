#pragma once

#include "gateway/dialects/dialect.h"
#include "gateway/dialects/execution_parameters.h"

namespace verdict {

struct SageMakerOptions {
  RecordSettings records;
  ExecutionParameters execution;
};

// The contract of a SageMaker hosting container, with the payload of ticket inference:
//   GET|POST /ping             200 with an empty body while the service answers, else 503
//   POST /invocations          {"text": "…"} → {"prediction":{"label":"…","probability":0.98}}: the top label, always a string;
//                              behind it "cascade", its steps, where a cascade answered
//                              bodies of records (JSON Lines, CSV, plain text) → a line for each
//   GET /execution-parameters  what batch transform may ask for
// Callers send what they like as Content-Type, or none; see RefuseUnlessJson. The answer to one JSON document is what Accept asks
// for first of what there is, else JSON, because SageMaker's callers often send their own default and a 406 would help nobody.
Dialect SageMakerDialect(SageMakerOptions options = {});

}  // namespace verdict
