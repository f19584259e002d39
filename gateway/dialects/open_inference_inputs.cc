#include "gateway/dialects/open_inference_inputs.h"

#include <cstdint>
#include <optional>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "common/utf8.h"
#include "gateway/dialects/text_inputs.h"

namespace verdict {
namespace {

namespace json = boost::json;

constexpr char kPairName[] = "text_pair";
constexpr size_t kSizeBytes = 4;  // in front of each element of a binary tensor
constexpr size_t kMaxDimensions = 2;

// One tensor and where it stands, "inputs[0]".
struct Tensor {
  const json::object& members;
  std::string path;
};

absl::Status Invalid(const std::string& message) { return absl::InvalidArgumentError(message); }

absl::StatusOr<std::string> StringMember(const Tensor& tensor, const char* name) {
  const json::value* value = tensor.members.if_contains(name);
  if (value == nullptr || !value->is_string()) return Invalid(absl::StrCat(tensor.path, ".", name, ": a string is needed"));
  return std::string(value->get_string().data(), value->get_string().size());
}

// The number that a JSON value is; nothing for what is none, or not whole, or negative.
std::optional<uint64_t> WholeNumber(const json::value& value) {
  if (value.is_uint64()) return value.get_uint64();
  if (value.is_int64() && value.get_int64() >= 0) return static_cast<uint64_t>(value.get_int64());
  return std::nullopt;
}

// How many texts a shape holds: [n], [n, 1] or [1, n].
absl::StatusOr<size_t> CountOf(const Tensor& tensor) {
  const json::value* shape = tensor.members.if_contains("shape");
  if (shape == nullptr || !shape->is_array()) return Invalid(tensor.path + ".shape: an array is needed, such as [2]");
  std::vector<uint64_t> sizes;
  for (const json::value& size : shape->get_array()) {
    const auto number = WholeNumber(size);
    if (!number) return Invalid(tensor.path + ".shape: holds something else than whole numbers from 0");
    if (sizes.size() == kMaxDimensions)
      return Invalid(tensor.path + ".shape: has too many dimensions; use [n], [n, 1] or [1, n]");
    sizes.push_back(*number);
  }
  const bool row = sizes.size() == 2 && sizes[0] == 1, column = sizes.size() == 2 && sizes[1] == 1;
  if (sizes.size() != 1 && !row && !column) {
    return Invalid(absl::StrCat(tensor.path, ".shape: is [", absl::StrJoin(sizes, ", "), "]; use [n], [n, 1] or [1, n]"));
  }
  const uint64_t count = row ? sizes[1] : sizes[0];
  if (count == 0) return Invalid(tensor.path + ".shape: holds no element; at least one text is needed");
  if (const auto too_many = TooManyTexts(tensor.path + ".shape:", count)) return Invalid(*too_many);
  return count;
}

absl::Status AppendText(const json::value& value, const Tensor& tensor, std::vector<std::string>& texts) {
  const json::string* text = value.if_string();
  if (text == nullptr) return Invalid(absl::StrCat(tensor.path, ".data: element ", texts.size(), " is no string"));
  texts.emplace_back(text->data(), text->size());
  return absl::OkStatus();
}

size_t CountElements(const json::array& data) {
  size_t count = 0;
  for (const json::value& element : data) count += element.is_array() ? element.get_array().size() : 1;
  return count;
}

// The elements of `data`, which is flat or nested as the shape is. They are counted before any is copied.
absl::StatusOr<std::vector<std::string>> ReadJsonData(const Tensor& tensor, size_t count) {
  const json::value* data = tensor.members.if_contains("data");
  if (data == nullptr || !data->is_array()) return Invalid(tensor.path + ".data: an array of strings is needed");
  if (const size_t found = CountElements(data->get_array()); found != count)
    return Invalid(absl::StrCat(tensor.path, ".data: has ", found, " elements, but the shape says ", count));
  std::vector<std::string> texts;
  for (const json::value& element : data->get_array()) {
    const json::array* row = element.if_array();
    if (row == nullptr) {
      if (auto status = AppendText(element, tensor, texts); !status.ok()) return status;
      continue;
    }
    for (const json::value& nested : *row) {
      if (auto status = AppendText(nested, tensor, texts); !status.ok()) return status;
    }
  }
  return texts;
}

uint32_t LittleEndian(std::string_view bytes) {
  uint32_t value = 0;
  for (size_t i = kSizeBytes; i-- > 0;) value = value << 8 | static_cast<unsigned char>(bytes[i]);
  return value;
}

// `count` and the sizes in `bytes` are the caller's word: nothing is made room for before it is there.
absl::StatusOr<std::vector<std::string>> ReadBinary(const Tensor& tensor, std::string_view bytes, size_t count) {
  std::vector<std::string> texts;
  while (texts.size() < count) {
    const std::string element = absl::StrCat(tensor.path, ": element ", texts.size());
    if (bytes.size() < kSizeBytes) return Invalid(absl::StrCat(element, " is missing; the shape says ", count));
    const size_t size = LittleEndian(bytes);
    bytes.remove_prefix(kSizeBytes);
    if (bytes.size() < size) return Invalid(absl::StrCat(element, " has ", size, " bytes, and only ", bytes.size(), " are left"));
    const std::string_view text = bytes.substr(0, size);
    if (const auto bad = FindInvalidUtf8(text)) return Invalid(absl::StrCat(element, " is not valid UTF-8 at byte ", *bad));
    texts.emplace_back(text);
    bytes.remove_prefix(size);
  }
  if (bytes.empty()) return texts;
  return Invalid(absl::StrCat(tensor.path, ": has ", bytes.size(), " bytes after the last element"));
}

// What `parameters.binary_data_size` says; nothing where the tensor is in the JSON.
absl::StatusOr<std::optional<uint64_t>> BinarySize(const Tensor& tensor) {
  const json::value* parameters = tensor.members.if_contains("parameters");
  if (parameters == nullptr) return std::nullopt;
  if (!parameters->is_object()) return Invalid(tensor.path + ".parameters: an object is needed");
  const json::value* size = parameters->get_object().if_contains("binary_data_size");
  if (size == nullptr) return std::nullopt;
  const auto number = WholeNumber(*size);
  if (!number) return Invalid(tensor.path + ".parameters.binary_data_size: a whole number from 0 is needed");
  if (tensor.members.contains("data")) return Invalid(tensor.path + ".data: is given beside parameters.binary_data_size");
  return number;
}

absl::StatusOr<std::vector<std::string>> ReadTexts(const Tensor& tensor, std::string_view& binary) {
  const auto datatype = StringMember(tensor, "datatype");
  if (!datatype.ok()) return datatype.status();
  if (*datatype != "BYTES")
    return Invalid(absl::StrCat(tensor.path, ".datatype: is \"", Shortened(*datatype), "\"; texts are BYTES"));
  const auto count = CountOf(tensor);
  if (!count.ok()) return count.status();
  const auto size = BinarySize(tensor);
  if (!size.ok()) return size.status();
  if (!*size) return ReadJsonData(tensor, *count);
  if (**size > binary.size()) {
    return Invalid(absl::StrCat(tensor.path, ".parameters.binary_data_size: is ", **size, ", and ", binary.size(),
                                " bytes are left behind the JSON"));
  }
  auto texts = ReadBinary(tensor, binary.substr(0, **size), *count);
  binary.remove_prefix(**size);
  return texts;
}

// The texts of each tensor, by what they are for.
struct Texts {
  std::optional<std::vector<std::string>> text, pair;
};

absl::StatusOr<Texts> ReadTensors(const json::array& tensors, std::string_view& binary) {
  if (tensors.empty() || tensors.size() > 2) {
    return Invalid(
        absl::StrCat("inputs: has ", tensors.size(), " tensors; one of texts is needed, and beside it text_pair may be"));
  }
  Texts read;
  for (size_t i = 0; i < tensors.size(); ++i) {
    const std::string path = absl::StrCat("inputs[", i, "]");
    if (!tensors[i].is_object()) return Invalid(path + ": an object is needed");
    const Tensor tensor{tensors[i].get_object(), path};
    const auto name = StringMember(tensor, "name");
    if (!name.ok()) return name.status();
    auto& place = *name == kPairName ? read.pair : read.text;
    if (place) return Invalid("inputs: of two tensors, one has to be named text_pair");
    auto texts = ReadTexts(tensor, binary);
    if (!texts.ok()) return texts.status();
    place = *std::move(texts);
  }
  if (!read.text) return Invalid("inputs: a text_pair needs a tensor of texts beside it");
  return read;
}

}  // namespace

absl::StatusOr<std::vector<ClassifyCall::Input>> ReadInferInputs(const json::object& request, std::string_view binary) {
  const json::value* tensors = request.if_contains("inputs");
  if (tensors == nullptr || !tensors->is_array()) return Invalid("inputs: an array of tensors is needed");
  auto read = ReadTensors(tensors->get_array(), binary);
  if (!read.ok()) return read.status();
  if (!binary.empty()) return Invalid(absl::StrCat("the body has ", binary.size(), " bytes behind the last binary tensor"));
  if (read->pair && read->pair->size() != read->text->size()) {
    return Invalid(absl::StrCat("inputs: ", read->pair->size(), " second texts for ", read->text->size(), " texts"));
  }
  std::vector<ClassifyCall::Input> inputs;
  for (size_t i = 0; i < read->text->size(); ++i) {
    ClassifyCall::Input& input = inputs.emplace_back(ClassifyCall::Input{std::move((*read->text)[i]), std::nullopt});
    if (read->pair) input.text_pair = std::move((*read->pair)[i]);
  }
  return inputs;
}

}  // namespace verdict
