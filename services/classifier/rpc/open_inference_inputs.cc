// From the tensors of a request to texts.
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <optional>
#include <set>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/utf8.h"
#include "services/classifier/rpc/error_details.h"
#include "services/classifier/rpc/open_inference_tensors.h"

namespace verdict {
namespace {

using inference::ModelInferRequest;
using Tensor = ModelInferRequest::InferInputTensor;

constexpr char kPairName[] = "text_pair";
constexpr int64_t kMaxClasses = 1 << 20;  // more labels than any model has

// Where element `i` of tensor `tensor` stands in the request.
std::string ElementPath(bool raw, int tensor, size_t i) {
  return raw ? absl::StrCat("raw_input_contents[", tensor, "]: element ", i)
             : absl::StrCat("inputs[", tensor, "].contents.bytes_contents[", i, "]");
}

absl::Status Invalid(const std::string& message) { return absl::InvalidArgumentError(message); }

// How many texts a shape holds: [n], [n, 1] or [1, n].
absl::StatusOr<size_t> CountOf(const Tensor& tensor, const std::string& path, int max_inputs) {
  const auto& shape = tensor.shape();
  const bool row = shape.size() == 2 && shape[0] == 1, column = shape.size() == 2 && shape[1] == 1;
  if (shape.size() != 1 && !row && !column) {
    const std::string shown = shape.size() > 8 ? absl::StrCat(shape.size(), " dimensions") : absl::StrJoin(shape, ", ");
    return Invalid(absl::StrCat(path, ".shape: is [", shown, "], expected [n], [n, 1] or [1, n]"));
  }
  const int64_t count = row ? shape[1] : shape[0];
  if (count < 0) return Invalid(absl::StrCat(path, ".shape: has the negative size ", count));
  if (count == 0) return Invalid(absl::StrCat(path, ".shape: holds no element; at least one text is needed"));
  if (count > max_inputs)
    return Invalid(absl::StrCat(path, ".shape: ", count, " texts, at most ", max_inputs, " are taken in one request"));
  return static_cast<size_t>(count);
}

bool HoldsOnlyBytes(const inference::InferTensorContents& contents) {
  return contents.bool_contents().empty() && contents.int_contents().empty() && contents.int64_contents().empty() &&
         contents.uint_contents().empty() && contents.uint64_contents().empty() && contents.fp32_contents().empty() &&
         contents.fp64_contents().empty();
}

absl::StatusOr<std::vector<std::string>> ReadTyped(Tensor& tensor, const std::string& path, size_t count) {
  if (!HoldsOnlyBytes(tensor.contents())) return Invalid(path + ".contents: holds other values than bytes_contents");
  auto& elements = *tensor.mutable_contents()->mutable_bytes_contents();
  if (static_cast<size_t>(elements.size()) != count) {
    return Invalid(
        absl::StrCat(path, ".contents.bytes_contents: has ", elements.size(), " elements, but the shape says ", count));
  }
  return std::vector<std::string>(std::make_move_iterator(elements.begin()), std::make_move_iterator(elements.end()));
}

uint32_t LittleEndian(const std::string& bytes, size_t at) {
  uint32_t value = 0;
  for (size_t i = 4; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[at + i]);
  return value;
}

// Each element is its size in four bytes, and its bytes. `count` is bounded, sizes are not to be trusted.
absl::StatusOr<std::vector<std::string>> ReadRaw(const std::string& bytes, const std::string& path, size_t count) {
  std::vector<std::string> elements;
  size_t at = 0;
  for (size_t i = 0; i < count; ++i) {
    if (bytes.size() - at < 4) {
      return Invalid(absl::StrCat(path, ": ends before the size of element ", i, "; the shape says ", count, " elements"));
    }
    const size_t size = LittleEndian(bytes, at);
    at += 4;
    if (bytes.size() - at < size) {
      return Invalid(absl::StrCat(path, ": element ", i, " has ", size, " bytes, and only ", bytes.size() - at, " are left"));
    }
    elements.push_back(bytes.substr(at, size));
    at += size;
  }
  if (at < bytes.size()) return Invalid(absl::StrCat(path, ": has ", bytes.size() - at, " bytes after the last element"));
  return elements;
}

absl::StatusOr<std::vector<std::string>> ReadTensor(ModelInferRequest& message, int index, int max_inputs) {
  Tensor& tensor = *message.mutable_inputs(index);
  const std::string path = absl::StrCat("inputs[", index, "]");
  const bool raw = message.raw_input_contents_size() > 0;
  if (tensor.datatype() != "BYTES")
    return Invalid(absl::StrCat(path, ".datatype: is \"", Shortened(tensor.datatype()), "\", texts are BYTES"));
  const auto count = CountOf(tensor, path, max_inputs);
  if (!count.ok()) return count.status();
  if (raw && tensor.has_contents()) return Invalid(path + ".contents: is given beside raw_input_contents");
  auto texts = raw ? ReadRaw(message.raw_input_contents(index), absl::StrCat("raw_input_contents[", index, "]"), *count)
                   : ReadTyped(tensor, path, *count);
  if (!texts.ok()) return texts.status();
  for (size_t i = 0; i < texts->size(); ++i) {
    if (const auto bad = FindInvalidUtf8((*texts)[i])) {
      return WithReason(Invalid(absl::StrCat(ElementPath(raw, index, i), ": is not valid UTF-8 at byte ", *bad)),
                        Reason::kInvalidUtf8);
    }
  }
  return texts;
}

struct TensorRoles {
  int text = 0;
  std::optional<int> pair;
};

absl::StatusOr<TensorRoles> FindRoles(const ModelInferRequest& message) {
  const int count = message.inputs_size();
  if (count == 0) return Invalid("inputs: a tensor of texts is needed");
  if (count > 2) return Invalid(absl::StrCat("inputs: ", count, " tensors; a text and a text_pair are all that is taken"));
  if (message.raw_input_contents_size() != 0 && message.raw_input_contents_size() != count) {
    return Invalid(absl::StrCat("raw_input_contents: has ", message.raw_input_contents_size(), " entries for ", count,
                                " inputs; there is one for each, or none"));
  }
  TensorRoles roles;
  for (int i = 0; i < count; ++i) {
    if (message.inputs(i).name() != kPairName) continue;
    if (roles.pair) return Invalid("inputs: two are named text_pair");
    roles.pair = i;
  }
  if (count == 1 && roles.pair) return Invalid("inputs: a text_pair needs a tensor of texts beside it");
  if (count == 2 && !roles.pair) return Invalid("inputs: of two tensors, the second texts have to be named text_pair");
  if (roles.pair) roles.text = 1 - *roles.pair;
  return roles;
}

absl::StatusOr<int> ReadClasses(const ModelInferRequest::InferRequestedOutputTensor& tensor, const std::string& path) {
  const auto found = tensor.parameters().find("classification");
  if (found == tensor.parameters().end()) return 0;
  const inference::InferParameter& parameter = found->second;
  int64_t classes = 0;
  if (parameter.has_int64_param()) classes = parameter.int64_param();
  if (parameter.has_uint64_param()) classes = static_cast<int64_t>(std::min<uint64_t>(parameter.uint64_param(), kMaxClasses));
  if (classes < 1) return Invalid(path + ".parameters.classification: expected an integer above 0");
  return static_cast<int>(std::min(classes, kMaxClasses));
}

absl::StatusOr<OpenInferenceOutput> ReadOutput(const std::string& name, const std::string& path) {
  if (name == "label") return OpenInferenceOutput::kLabel;
  if (name == "probability") return OpenInferenceOutput::kProbability;
  if (name == "label_id") return OpenInferenceOutput::kLabelId;
  if (name == "probabilities") return OpenInferenceOutput::kProbabilities;
  return Invalid(absl::StrCat(path, ".name: there is no output \"", Shortened(name),
                              "\"; there are label, probability, label_id and probabilities"));
}

absl::StatusOr<std::vector<WantedOutput>> ReadOutputs(const ModelInferRequest& message) {
  if (message.outputs().empty()) {
    return std::vector<WantedOutput>{{OpenInferenceOutput::kLabel, "label"},
                                     {OpenInferenceOutput::kProbability, "probability"},
                                     {OpenInferenceOutput::kLabelId, "label_id"}};
  }
  std::vector<WantedOutput> wanted;
  std::set<std::string> names;
  for (int i = 0; i < message.outputs_size(); ++i) {
    const auto& tensor = message.outputs(i);
    const std::string path = absl::StrCat("outputs[", i, "]");
    const auto output = ReadOutput(tensor.name(), path);
    if (!output.ok()) return output.status();
    const auto classes = ReadClasses(tensor, path);
    if (!classes.ok()) return classes.status();
    if (!names.insert(tensor.name()).second) return Invalid(absl::StrCat(path, ".name: ", tensor.name(), " is asked for twice"));
    const bool values = *output == OpenInferenceOutput::kProbability || *output == OpenInferenceOutput::kProbabilities;
    if (*classes > 0 && !values)
      return Invalid(path + ".parameters.classification: is for the outputs probability and probabilities");
    wanted.push_back({*output, tensor.name(), *classes});
  }
  return wanted;
}

// How many of the ranked labels an answer takes; 0: all.
int TopKFor(const std::vector<WantedOutput>& outputs) {
  int most = 1;
  for (const WantedOutput& wanted : outputs) {
    if (wanted.output == OpenInferenceOutput::kProbabilities && wanted.classes == 0) return 0;
    most = std::max(most, wanted.classes);
  }
  return most;
}

}  // namespace

absl::StatusOr<InferenceCall> FromProto(ModelInferRequest&& message, int max_inputs) {
  const auto roles = FindRoles(message);
  if (!roles.ok()) return roles.status();
  auto outputs = ReadOutputs(message);
  if (!outputs.ok()) return outputs.status();
  auto texts = ReadTensor(message, roles->text, max_inputs);
  if (!texts.ok()) return texts.status();
  InferenceCall call{.request = {},
                     .id = std::move(*message.mutable_id()),
                     .outputs = *std::move(outputs),
                     .raw = message.raw_input_contents_size() > 0,
                     .text_tensor = roles->text};
  for (std::string& text : *texts) call.request.inputs.push_back({std::move(text), std::nullopt});
  if (roles->pair) {
    auto pairs = ReadTensor(message, *roles->pair, max_inputs);
    if (!pairs.ok()) return pairs.status();
    if (pairs->size() != texts->size()) {
      return Invalid(
          absl::StrCat("inputs[", *roles->pair, "].shape: ", pairs->size(), " second texts for ", texts->size(), " texts"));
    }
    for (size_t i = 0; i < pairs->size(); ++i) call.request.inputs[i].text_pair = std::move((*pairs)[i]);
  }
  call.request.model = std::move(*message.mutable_model_name());
  call.request.model_version = std::move(*message.mutable_model_version());
  call.request.options.top_k = TopKFor(call.outputs);
  return call;
}

absl::Status NameElement(const absl::Status& status, const InferenceCall& call) {
  const std::string message(status.message());
  unsigned index = 0;
  int length = 0;
  if (std::sscanf(message.c_str(), "inputs[%9u]%n", &index, &length) != 1 || length == 0) return status;
  const std::string named = ElementPath(call.raw, call.text_tensor, index) + message.substr(static_cast<size_t>(length));
  return WithReason(absl::Status(status.code(), named), ReasonOf(status).reason);
}

}  // namespace verdict
