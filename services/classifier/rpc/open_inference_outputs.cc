// From an answer to tensors, and what there is to be told about them.
#include <algorithm>
#include <cstring>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "services/classifier/rpc/open_inference_tensors.h"

namespace verdict {
namespace {

using Tensor = inference::ModelInferResponse::InferOutputTensor;

// The index of a label among the model's; -1: it is none of them, for a model of a cascade has come or gone meanwhile.
int64_t IndexOf(const LabelScore& label, const ModelInfo& model) {
  const auto id = static_cast<size_t>(label.label_id);
  return id < model.labels.size() && model.labels[id] == label.label ? label.label_id : -1;
}

// Writes one tensor, typed or raw.
class TensorWriter {
 public:
  TensorWriter(inference::ModelInferResponse& message, const WantedOutput& wanted, bool raw)
      : tensor_(*message.add_outputs()), raw_(raw ? message.add_raw_output_contents() : nullptr) {
    tensor_.set_name(wanted.name);
  }
  void SetType(const char* datatype, std::initializer_list<size_t> shape) {
    tensor_.set_datatype(datatype);
    for (const size_t size : shape) tensor_.add_shape(static_cast<int64_t>(size));
  }
  void Add(float value) { raw_ == nullptr ? tensor_.mutable_contents()->add_fp32_contents(value) : AddBytes(value); }
  void Add(int64_t value) { raw_ == nullptr ? tensor_.mutable_contents()->add_int64_contents(value) : AddBytes(value); }
  void Add(const std::string& value) {
    if (raw_ == nullptr) return tensor_.mutable_contents()->add_bytes_contents(value);
    AddBytes(static_cast<uint32_t>(value.size()));
    raw_->append(value);
  }

 private:
  // Processors that Verdict runs on are little-endian, as the protocol is.
  template <typename Number>
  void AddBytes(Number value) {
    char bytes[sizeof(value)];
    std::memcpy(bytes, &value, sizeof(value));
    raw_->append(bytes, sizeof(value));
  }

  Tensor& tensor_;
  std::string* const raw_;
};

// The best labels of each text. A cascade's fallback is one label, whose row ends with empty strings.
void WriteClasses(const ClassifyResponse& response, const ModelInfo& model, int classes, TensorWriter& writer) {
  const size_t columns = std::min(static_cast<size_t>(classes), std::max<size_t>(model.labels.size(), 1));
  writer.SetType("BYTES", {response.results.size(), columns});
  for (const Classification& result : response.results) {
    for (size_t i = 0; i < columns; ++i) {
      if (i >= result.labels.size()) {
        writer.Add(std::string());
        continue;
      }
      const LabelScore& label = result.labels[i];
      writer.Add(absl::StrFormat("%f:%d:%s", label.score, IndexOf(label, model), label.label));
    }
  }
}

void WriteProbabilities(const ClassifyResponse& response, const ModelInfo& model, TensorWriter& writer) {
  writer.SetType("FP32", {response.results.size(), model.labels.size()});
  for (const Classification& result : response.results) {
    std::vector<float> row(model.labels.size(), 0);
    for (const LabelScore& label : result.labels) {
      if (const int64_t index = IndexOf(label, model); index >= 0) row[static_cast<size_t>(index)] = label.score;
    }
    for (const float score : row) writer.Add(score);
  }
}

void WriteBest(const ClassifyResponse& response, const ModelInfo& model, OpenInferenceOutput output, TensorWriter& writer) {
  const char* const datatype = output == OpenInferenceOutput::kLabel         ? "BYTES"
                               : output == OpenInferenceOutput::kProbability ? "FP32"
                                                                             : "INT64";
  writer.SetType(datatype, {response.results.size()});
  for (const Classification& result : response.results) {
    const LabelScore best = result.labels.empty() ? LabelScore{"", 0, -1} : result.labels.front();
    if (output == OpenInferenceOutput::kLabel) writer.Add(best.label);
    if (output == OpenInferenceOutput::kProbability) writer.Add(best.score);
    if (output == OpenInferenceOutput::kLabelId) writer.Add(IndexOf(best, model));
  }
}

void AddTensor(const char* name, const char* datatype, std::initializer_list<int64_t> shape,
               inference::ModelMetadataResponse::TensorMetadata& tensor) {
  tensor.set_name(name);
  tensor.set_datatype(datatype);
  for (const int64_t size : shape) tensor.add_shape(size);
}

}  // namespace

void ToProto(const ClassifyResponse& response, const InferenceCall& call, const ModelInfo& model,
             inference::ModelInferResponse& message) {
  message.set_model_name(response.model);
  message.set_model_version(response.model_version);
  message.set_id(call.id);
  for (const WantedOutput& wanted : call.outputs) {
    TensorWriter writer(message, wanted, call.raw);
    if (wanted.classes > 0) {
      WriteClasses(response, model, wanted.classes, writer);
    } else if (wanted.output == OpenInferenceOutput::kProbabilities) {
      WriteProbabilities(response, model, writer);
    } else {
      WriteBest(response, model, wanted.output, writer);
    }
  }
}

void Describe(const ModelInfo& model, inference::ModelMetadataResponse& message) {
  message.set_name(model.name);
  message.add_versions(model.version);
  message.set_platform(absl::StrCat("verdict_", model.backend));
  AddTensor("text", "BYTES", {-1}, *message.add_inputs());
  AddTensor("text_pair", "BYTES", {-1}, *message.add_inputs());
  AddTensor("label", "BYTES", {-1}, *message.add_outputs());
  AddTensor("probability", "FP32", {-1}, *message.add_outputs());
  AddTensor("label_id", "INT64", {-1}, *message.add_outputs());
  AddTensor("probabilities", "FP32", {-1, static_cast<int64_t>(model.labels.size())}, *message.add_outputs());
}

}  // namespace verdict
