#include "gateway/dialects/registry.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "gateway/dialects/api_docs.h"
#include "gateway/dialects/huggingface.h"
#include "gateway/dialects/kserve.h"
#include "gateway/dialects/mlflow.h"
#include "gateway/dialects/multi_model.h"
#include "gateway/dialects/open_inference.h"
#include "gateway/dialects/sagemaker.h"
#include "gateway/dialects/text_embeddings_inference.h"
#include "gateway/dialects/torchserve.h"
#include "gateway/openapi/embedded_file.h"
#include "gateway/openapi/openapi.h"

#ifndef VERDICT_VERSION
#define VERDICT_VERSION "unknown"
#endif

namespace verdict {
namespace {

constexpr char kApiDocs[] = "api_docs";

struct Entry {
  const char* name;
  Dialect (*make)(const DialectOptions& options);
};

// A contract more is a line more.
constexpr Entry kDialects[] = {
    {"sagemaker", [](const DialectOptions& options) { return SageMakerDialect(options.sagemaker); }},
    {"multi_model", [](const DialectOptions&) { return MultiModelDialect(); }},
    {"sentiment", [](const DialectOptions& options) { return SentimentDialect(options.sentiment); }},
    {"huggingface", [](const DialectOptions& options) { return HuggingFaceDialect(options.huggingface); }},
    {"text_embeddings_inference",
     [](const DialectOptions& options) { return TextEmbeddingsInferenceDialect(options.text_embeddings_inference); }},
    {"mlflow", [](const DialectOptions&) { return MlflowDialect(); }},
    {"torchserve", [](const DialectOptions& options) { return TorchServeDialect(options.torchserve); }},
    {"kserve", [](const DialectOptions& options) { return KServeDialect(options.kserve); }},
    {"open_inference", [](const DialectOptions&) { return OpenInferenceDialect(); }},
    {kApiDocs, [](const DialectOptions&) { return Dialect(); }},  // its routes follow from the others: see Document
};

// Gives api_docs, where it is enabled, the document of all that are.
void Document(std::vector<Dialect>& dialects, bool metrics) {
  const auto docs =
      std::find_if(dialects.begin(), dialects.end(), [](const Dialect& dialect) { return dialect.name == kApiDocs; });
  if (docs == dialects.end()) return;
  std::vector<OpenApiFragment> fragments;
  fragments.reserve(dialects.size());
  for (const Dialect& dialect : dialects) fragments.push_back({dialect.name, dialect.openapi});
  if (metrics) fragments.push_back({"metrics", EmbeddedFile("openapi/metrics.json")});
  Dialect filled = ApiDocsDialect(
      [fragments = std::move(fragments)] { return MergeOpenApi(EmbeddedFile("openapi/base.json"), fragments, VERDICT_VERSION); });
  docs->queries = std::move(filled.queries);
}

}  // namespace

std::vector<std::string> DialectNames() {
  std::vector<std::string> names;
  for (const Entry& entry : kDialects) names.emplace_back(entry.name);
  return names;
}

absl::StatusOr<std::vector<Dialect>> MakeDialects(const DialectOptions& options) {
  const std::vector<std::string> names = options.enabled.empty() ? DialectNames() : options.enabled;
  std::vector<Dialect> dialects;
  for (const std::string& name : names) {
    const auto* entry = std::find_if(std::begin(kDialects), std::end(kDialects), [&](const Entry& e) { return name == e.name; });
    if (entry == std::end(kDialects)) {
      return absl::InvalidArgumentError(
          absl::StrCat("\"", name, "\" is no dialect; there are ", absl::StrJoin(DialectNames(), ", ")));
    }
    if (std::count(names.begin(), names.end(), name) > 1) {
      return absl::InvalidArgumentError(absl::StrCat("the dialect \"", name, "\" is listed twice"));
    }
    if (name == kApiDocs && !options.api_docs) continue;
    dialects.push_back(entry->make(options));
    dialects.back().name = name;
    dialects.back().openapi = EmbeddedFile(absl::StrCat("openapi/", name, ".json"));
  }
  Document(dialects, options.metrics);
  return dialects;
}

}  // namespace verdict
