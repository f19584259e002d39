#pragma once

#include "gateway/dialects/dialect.h"

namespace verdict {

// SageMaker's multi-model contract: which models are loaded is decided by the platform, one call at a time.
//
//   POST   /models                 {"model_name": "…", "url": "/opt/ml/models/…/model"}: loads; 409 when it is there, 507 when it
//                                  does not fit
//
//   GET    /models                 {"models": [{"modelName", "modelUrl"}], "nextPageToken"?}; ?limit= and ?next_page_token=
//
//   GET    /models/{model}         {"modelName", "modelUrl"}
//
//   DELETE /models/{model}         unloads; its memory is back when the answer comes
//
//   POST   /models/{model}/invoke  what /invocations takes; see MakeRouter
//
// Errors are {"code", "type", "message"}, as the multi-model server writes them.
Dialect MultiModelDialect();

}  // namespace verdict
