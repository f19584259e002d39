#pragma once

#include "gateway/dialects/dialect.h"

namespace verdict {

// The contract of MLflow's scoring server in front of a text-classification pipeline of its transformers flavour:
//
//   POST /invocations    one of dataframe_split, dataframe_records, instances, inputs, and params →
//   {"predictions":[{"label","score"}]}
//
//   GET  /ping, /health  200 with a newline while the service answers, else 404
//
//   GET  /version        the version of MLflow whose contract this is
Dialect MlflowDialect();

}  // namespace verdict
