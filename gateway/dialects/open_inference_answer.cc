#include "gateway/dialects/open_inference_answer.h"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_join.h"
#include "gateway/http/json_string.h"
#include "gateway/json/score.h"

namespace verdict {
namespace {

using Kind = WantedOutput::Kind;

// Values of one tensor as they are written: JSON separated by commas, or bytes.
class TensorWriter {
 public:
  explicit TensorWriter(bool binary) : binary_(binary) {}

  void Add(float value) {
    if (binary_) return AddBytes(value);
    Separate();
    AppendScore(values_, value);
  }
  void Add(int64_t value) {
    if (binary_) return AddBytes(value);
    Separate();
    absl::StrAppend(&values_, value);
  }
  void Add(std::string_view value) {
    if (binary_) {
      AddBytes(static_cast<uint32_t>(value.size()));
      values_ += value;
      return;
    }
    Separate();
    AppendJsonString(values_, value);
  }

  const std::string& values() const { return values_; }

 private:
  void Separate() {
    if (!values_.empty()) values_ += ',';
  }
  // Processors that Verdict runs on are little-endian, as the protocol is.
  template <typename Number>
  void AddBytes(Number value) {
    char bytes[sizeof(value)];
    std::memcpy(bytes, &value, sizeof(value));
    values_.append(bytes, sizeof(value));
  }

  const bool binary_;
  std::string values_;
};

// A tensor that is ready to be written.
struct Tensor {
  const char* datatype;
  std::vector<size_t> shape;
};

// One column per label id that occurs. What has no id (a cascade's fallback label may have none) has no column.
Tensor WriteProbabilities(const ClassifyReply& reply, TensorWriter& writer) {
  size_t columns = 0;
  for (const ClassifyReply::Result& result : reply.results) {
    for (const ClassifyReply::Label& label : result.labels)
      columns = std::max(columns, static_cast<size_t>(std::max(label.label_id + 1, 0)));
  }
  for (const ClassifyReply::Result& result : reply.results) {
    std::vector<float> row(columns, 0);
    for (const ClassifyReply::Label& label : result.labels) {
      if (label.label_id >= 0) row[static_cast<size_t>(label.label_id)] = label.score;
    }
    for (const float score : row) writer.Add(score);
  }
  return {"FP32", {reply.results.size(), columns}};
}

// Rows of a result with fewer labels than another's end with empty strings.
Tensor WriteClasses(const ClassifyReply& reply, int classes, TensorWriter& writer) {
  size_t columns = 0;
  for (const ClassifyReply::Result& result : reply.results) columns = std::max(columns, result.labels.size());
  columns = std::min(columns, static_cast<size_t>(classes));
  for (const ClassifyReply::Result& result : reply.results) {
    for (size_t i = 0; i < columns; ++i) {
      if (i >= result.labels.size()) {
        writer.Add(std::string_view());
        continue;
      }
      const ClassifyReply::Label& label = result.labels[i];
      writer.Add(absl::StrFormat("%f:%d:%s", label.score, label.label_id, label.label));
    }
  }
  return {"BYTES", {reply.results.size(), columns}};
}

Tensor WriteValues(const ClassifyReply& reply, const WantedOutput& wanted, TensorWriter& writer) {
  if (wanted.classes > 0) return WriteClasses(reply, wanted.classes, writer);
  if (wanted.kind == Kind::kProbabilities) return WriteProbabilities(reply, writer);
  for (const ClassifyReply::Result& result : reply.results) {
    const ClassifyReply::Label& best = result.labels.front();
    if (wanted.kind == Kind::kLabel) writer.Add(std::string_view(best.label));
    if (wanted.kind == Kind::kProbability) writer.Add(best.score);
    if (wanted.kind == Kind::kLabelId) writer.Add(static_cast<int64_t>(best.label_id));
  }
  const char* const datatype = wanted.kind == Kind::kLabel ? "BYTES" : wanted.kind == Kind::kProbability ? "FP32" : "INT64";
  return {datatype, {reply.results.size()}};
}

void AppendOutput(const ClassifyReply& reply, const WantedOutput& wanted, std::string& json_part, std::string& binary_part) {
  TensorWriter writer(wanted.binary);
  const Tensor tensor = WriteValues(reply, wanted, writer);
  absl::StrAppend(&json_part, R"({"name":")", NameOf(wanted.kind), R"(","datatype":")", tensor.datatype, R"(","shape":[)",
                  absl::StrJoin(tensor.shape, ","), "]");
  if (wanted.binary) {
    absl::StrAppend(&json_part, R"(,"parameters":{"binary_data_size":)", writer.values().size(), "}}");
    binary_part += writer.values();
  } else {
    json_part.append(R"(,"data":[)").append(writer.values()).append("]}");
  }
}

}  // namespace

HttpResponse WriteInferAnswer(const ClassifyReply& reply, const std::optional<std::string>& id,
                              const std::vector<WantedOutput>& outputs) {
  HttpResponse response{.status = 200, .content_type = "application/json"};
  std::string& body = response.body;
  body = R"({"model_name":)";
  AppendJsonString(body, reply.model);
  body += R"(,"model_version":)";
  AppendJsonString(body, reply.model_version);
  if (id) {
    body += R"(,"id":)";
    AppendJsonString(body, *id);
  }
  body += R"(,"outputs":[)";
  std::string binary;
  for (size_t i = 0; i < outputs.size(); ++i) {
    if (i > 0) body += ',';
    AppendOutput(reply, outputs[i], body, binary);
  }
  body += "]}";
  if (std::none_of(outputs.begin(), outputs.end(), [](const WantedOutput& output) { return output.binary; })) return response;
  response.content_type = "application/octet-stream";
  response.headers.Add("Inference-Header-Content-Length", absl::StrCat(body.size()));
  body += binary;
  return response;
}

}  // namespace verdict
