#include "gateway/dialects/tei_info.h"

#include "absl/strings/str_cat.h"
#include "gateway/http/json_string.h"

namespace verdict {
namespace {

std::string Quoted(std::string_view text) {
  std::string out;
  AppendJsonString(out, text);
  return out;
}

std::string NumberOrNull(int number) { return number > 0 ? absl::StrCat(number) : "null"; }

std::string_view DataTypeOf(std::string_view precision) {
  if (precision == "fp32") return "float32";
  if (precision == "bf16") return "bfloat16";
  return precision;
}

// A model with one label ranks, for that server.
std::string TypeOf(const ModelDescription& model) {
  std::string to_label, to_id;
  for (size_t id = 0; id < model.labels.size(); ++id) {
    const char* const comma = id == 0 ? "" : ",";
    absl::StrAppend(&to_label, comma, "\"", id, "\":", Quoted(model.labels[id]));
    absl::StrAppend(&to_id, comma, Quoted(model.labels[id]), ":", id);
  }
  return absl::StrCat("{\"", model.labels.size() == 1 ? "reranker" : "classifier", "\":{\"id2label\":{", to_label,
                      "},\"label2id\":{", to_id, "}}}");
}

}  // namespace

std::string WriteTeiInfo(const ModelDescription& model, const TextEmbeddingsInferenceOptions& options) {
  return absl::StrCat(R"({"model_id":)", Quoted(model.name), R"(,"model_sha":null,"model_dtype":)",
                      Quoted(DataTypeOf(model.precision)), R"(,"served_model_name":)", Quoted(model.name), R"(,"model_type":)",
                      TypeOf(model), R"(,"max_concurrent_requests":)", NumberOrNull(options.max_concurrent_requests),
                      R"(,"max_input_length":)", NumberOrNull(model.max_tokens),
                      R"(,"max_batch_tokens":null,"max_batch_requests":null,"max_client_batch_size":)",
                      options.max_client_batch_size, R"(,"auto_truncate":true,"tokenization_workers":null,"version":)",
                      Quoted(options.version), R"(,"sha":null,"docker_label":null})");
}

}  // namespace verdict
