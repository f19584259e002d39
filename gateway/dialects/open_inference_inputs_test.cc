#include "gateway/dialects/open_inference_inputs.h"

#include "boost/json/parse.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<std::vector<ClassifyCall::Input>> Read(const std::string& request, std::string_view binary = "") {
  return ReadInferInputs(boost::json::parse(request).as_object(), binary);
}

// The texts, "a|b", with pairs as "a+b".
std::string Texts(const std::string& request, std::string_view binary = "") {
  const auto inputs = Read(request, binary);
  if (!inputs.ok()) return std::string(inputs.status().message());
  std::string texts;
  for (const ClassifyCall::Input& input : *inputs) {
    if (!texts.empty()) texts += '|';
    texts += input.text;
    if (input.text_pair) texts += "+" + *input.text_pair;
  }
  return texts;
}

// An element of a binary tensor.
std::string Element(const std::string& text) {
  std::string element(4, '\0');
  element[0] = static_cast<char>(text.size() & 0xFF);
  element[1] = static_cast<char>(text.size() >> 8 & 0xFF);
  return element + text;
}

std::string Tensor(const std::string& more, const std::string& name = "text") {
  return R"({"name":")" + name + R"(","datatype":"BYTES",)" + more + "}";
}
std::string Request(const std::string& more) { return R"({"inputs":[)" + Tensor(more) + "]}"; }
std::string Binary(int count, size_t size, const std::string& name = "text") {
  return Tensor("\"shape\":[" + std::to_string(count) + "],\"parameters\":{\"binary_data_size\":" + std::to_string(size) + "}",
                name);
}

TEST(OpenInferenceInputsTest, ReadsFlatAndNestedData) {
  EXPECT_EQ(Texts(Request(R"("shape":[2],"data":["a","é"])")), "a|é");
  EXPECT_EQ(Texts(Request(R"("shape":[2,1],"data":[["a"],["b"]])")), "a|b");
  EXPECT_EQ(Texts(Request(R"("shape":[1,2],"data":[["a","b"]])")), "a|b");
  EXPECT_EQ(Texts(Request(R"("shape":[2,1],"data":["a","b"])")), "a|b");
  EXPECT_EQ(Texts(R"({"inputs":[{"name":"any","datatype":"BYTES","shape":[1],"data":[""]}]})"), "");
}

TEST(OpenInferenceInputsTest, ASecondTensorMakesPairs) {
  const std::string text = Tensor(R"("shape":[2],"data":["a","b"])"),
                    pair = Tensor(R"("shape":[2],"data":["c",""])", "text_pair");
  EXPECT_EQ(Texts("{\"inputs\":[" + text + "," + pair + "]}"), "a+c|b+");
  EXPECT_EQ(Texts("{\"inputs\":[" + pair + "," + text + "]}"), "a+c|b+");
}

TEST(OpenInferenceInputsTest, ReadsBinaryTensorsInTheirOrder) {
  const std::string texts = Element("a") + Element(""), pairs = Element("cc") + Element(std::string(300, 'd'));
  EXPECT_EQ(Texts("{\"inputs\":[" + Binary(2, texts.size()) + "]}", texts), "a|");
  EXPECT_EQ(Texts("{\"inputs\":[" + Binary(2, pairs.size(), "text_pair") + "," + Binary(2, texts.size()) + "]}", pairs + texts),
            "a+cc|+" + std::string(300, 'd'));
  EXPECT_EQ(Texts("{\"inputs\":[" + Binary(1, 5) + "," + Tensor(R"("shape":[1],"data":["p"])", "text_pair") + "]}", Element("a")),
            "a+p");
}

struct Row {
  const char* name;
  std::string request;
  std::string binary;
  const char* says;
};

class BadInputsTest : public ::testing::TestWithParam<Row> {};

TEST_P(BadInputsTest, AreRefusedByName) {
  const auto read = Read(GetParam().request, GetParam().binary);
  ASSERT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Json, BadInputsTest,
    ::testing::Values(
        Row{"NoInputs", "{}", "", "inputs: an array"}, Row{"InputsNoArray", R"({"inputs":{}})", "", "inputs: an array"},
        Row{"NoTensor", R"({"inputs":[]})", "", "inputs: has 0 tensors"},
        Row{"ThreeTensors", R"({"inputs":[1,2,3]})", "", "inputs: has 3 tensors"},
        Row{"TensorNoObject", R"({"inputs":[1]})", "", "inputs[0]: an object"},
        Row{"NoName", R"({"inputs":[{"datatype":"BYTES","shape":[1],"data":["a"]}]})", "", "inputs[0].name: a string"},
        Row{"NoDatatype", R"({"inputs":[{"name":"a","shape":[1],"data":["a"]}]})", "", "inputs[0].datatype: a string"},
        Row{"Numbers", R"({"inputs":[{"name":"a","datatype":"FP32","shape":[1],"data":[1]}]})", "", "\"FP32\"; texts are BYTES"},
        Row{"NoShape", Request(R"("data":["a"])"), "", "inputs[0].shape: an array"},
        Row{"EmptyShape", Request(R"("shape":[],"data":["a"])"), "", "inputs[0].shape: is []"},
        Row{"ThreeDimensions", Request(R"("shape":[1,1,1],"data":["a"])"), "", "too many dimensions"},
        Row{"TwoByTwo", Request(R"("shape":[2,2],"data":["a","b","c","d"])"), "", "inputs[0].shape: is [2, 2]"},
        Row{"Negative", Request(R"("shape":[-1],"data":["a"])"), "", "whole numbers"},
        Row{"Fraction", Request(R"("shape":[1.0],"data":["a"])"), "", "whole numbers"},
        Row{"Zero", Request(R"("shape":[0],"data":[])"), "", "at least one text"},
        Row{"Huge", Request(R"("shape":[18446744073709551615],"data":["a"])"), "",
            "inputs[0].shape: has 18446744073709551615 elements; a request takes at most 100000"},
        Row{"NoData", Request(R"("shape":[1])"), "", "inputs[0].data: an array"},
        Row{"TooFew", Request(R"("shape":[2],"data":["a"])"), "", "has 1 elements, but the shape says 2"},
        Row{"TooMany", Request(R"("shape":[1],"data":["a","b"])"), "", "has 2 elements, but the shape says 1"},
        Row{"ManyInARow", Request(R"("shape":[1],"data":[["a","b"],[],["c"]])"), "", "has 3 elements, but the shape says 1"},
        Row{"TooManyInShape", Request(R"("shape":[100001,1],"data":[])"), "",
            "has 100001 elements; a request takes at most 100000"},
        Row{"NoString", Request(R"("shape":[2],"data":["a",5])"), "", "inputs[0].data: element 1 is no string"},
        Row{"TooNested", Request(R"("shape":[1],"data":[[["a"]]])"), "", "inputs[0].data: element 0 is no string"},
        Row{"TwoTexts",
            "{\"inputs\":[" + Tensor(R"("shape":[1],"data":["a"])") + "," + Tensor(R"("shape":[1],"data":["a"])") + "]}", "",
            "one has to be named text_pair"},
        Row{"PairAlone", "{\"inputs\":[" + Tensor(R"("shape":[1],"data":["a"])", "text_pair") + "]}", "", "beside it"},
        Row{"UnequalPairs",
            "{\"inputs\":[" + Tensor(R"("shape":[2],"data":["a","b"])") + "," +
                Tensor(R"("shape":[1],"data":["a"])", "text_pair") + "]}",
            "", "1 second texts for 2 texts"},
        Row{"BytesBehindJson", Request(R"("shape":[1],"data":["a"])"), "xyz", "3 bytes behind the last binary tensor"}),
    [](const auto& row) { return row.param.name; });

// What stands behind the JSON is written by whoever likes to.
INSTANTIATE_TEST_SUITE_P(
    Binary, BadInputsTest,
    ::testing::Values(
        Row{"ParametersNoObject", Request(R"("shape":[1],"parameters":[])"), "", "inputs[0].parameters: an object"},
        Row{"SizeNoNumber", Request(R"("shape":[1],"parameters":{"binary_data_size":"5"})"), "",
            "binary_data_size: a whole number"},
        Row{"SizeNegative", Request(R"("shape":[1],"parameters":{"binary_data_size":-5})"), "",
            "binary_data_size: a whole number"},
        Row{"SizeBeyondTheBody", "{\"inputs\":[" + Binary(1, 6) + "]}", Element("a"), "is 6, and 5 bytes are left"},
        Row{"SizeHuge", Request(R"("shape":[1],"parameters":{"binary_data_size":18446744073709551615})"), Element("a"),
            "5 bytes are left"},
        Row{"DataTwice", Request(R"("shape":[1],"data":["a"],"parameters":{"binary_data_size":5})"), Element("a"),
            "inputs[0].data: is given beside"},
        Row{"Nothing", "{\"inputs\":[" + Binary(1, 0) + "]}", "", "inputs[0]: element 0 is missing"},
        Row{"HalfASize", "{\"inputs\":[" + Binary(1, 3) + "]}", std::string(3, '\0'), "inputs[0]: element 0 is missing"},
        Row{"OneTooFew", "{\"inputs\":[" + Binary(2, 5) + "]}", Element("a"),
            "inputs[0]: element 1 is missing; the shape says 2"},
        Row{"ManyPromised", "{\"inputs\":[" + Binary(100'000, 5) + "]}", Element("a"), "element 1 is missing"},
        Row{"TooManyPromised", "{\"inputs\":[" + Binary(100'001, 400'004) + "]}", std::string(400'004, '\0'),
            "inputs[0].shape: has 100001 elements; a request takes at most 100000"},
        Row{"ElementTooLong", "{\"inputs\":[" + Binary(1, 5) + "]}", "\x02" + std::string(3, '\0') + "a",
            "element 0 has 2 bytes, and only 1 are left"},
        Row{"ElementHuge", "{\"inputs\":[" + Binary(1, 5) + "]}",
            "\xff\xff\xff\xff"
            "a",
            "element 0 has 4294967295 bytes"},
        Row{"BytesAfterTheLast", "{\"inputs\":[" + Binary(1, 7) + "]}", Element("a") + "xx", "2 bytes after the last element"},
        Row{"NotUtf8", "{\"inputs\":[" + Binary(2, 11) + "]}", Element("a") + Element("b\xff"),
            "element 1 is not valid UTF-8 at byte 1"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace verdict
