#include "gateway/dialects/mlflow_inputs.h"

#include "boost/json/parse.hpp"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

// The texts, "a|b", with pairs as "a+b"; or what is wrong.
std::string Texts(const std::string& request) {
  const auto inputs = ReadMlflowInputs(boost::json::parse(request).as_object());
  if (!inputs.ok()) return std::string(inputs.status().message());
  std::string texts;
  for (const ClassifyCall::Input& input : *inputs) {
    if (&input != &inputs->front()) texts += '|';
    texts += input.text;
    if (input.text_pair) texts += "+" + *input.text_pair;
  }
  return texts;
}

struct Good {
  const char* request;
  const char* texts;
};

TEST(MlflowInputsTest, EveryShapeIsRead) {
  const Good rows[] = {
      {R"({"dataframe_split":{"columns":["text"],"index":[0,1],"data":[["a"],["b"]]}})", "a|b"},
      {R"({"dataframe_split":{"columns":["text_pair","text"],"data":[["p","a"],["","b"]]}})", "a+p|b+"},
      {R"({"dataframe_split":{"data":[["a"]]}})", "a"},
      {R"({"dataframe_split":{"columns":["inputs"],"data":["a","b"]}})", "a|b"},
      {R"({"dataframe_split":{"columns":["anything"],"data":[]}})", ""},
      {R"({"dataframe_records":[{"text":"a"},{"text_pair":"p","text":"b"}]})", "a|b+p"},
      {R"({"dataframe_records":[{"body":"a"}],"other":1})", "a"},
      {R"({"instances":["a","é"]})", "a|é"},
      {R"({"instances":[{"text":"a"}]})", "a"},
      {R"({"inputs":"a"})", "a"},
      {R"({"inputs":["a",""]})", "a|"},
      {R"({"inputs":[["a"],["b"]]})", "a|b"},
      {R"({"inputs":[{"text":"a","text_pair":"p"}]})", "a+p"},
      {R"({"inputs":{"text":["a","b"]}})", "a|b"},
      {R"({"inputs":{"text":"a","text_pair":"p"}})", "a+p"},
      {R"({"inputs":{"inputs":["a","b"],"text_pair":["p","q"]}})", "a+p|b+q"},
      {R"({"inputs":[]})", ""},
  };
  for (const Good& row : rows) EXPECT_EQ(Texts(row.request), row.texts) << row.request;
}

struct Row {
  const char* name;
  const char* request;
  const char* says;
};

class BadMlflowInputsTest : public ::testing::TestWithParam<Row> {};

TEST_P(BadMlflowInputsTest, AreRefusedByName) { EXPECT_THAT(Texts(GetParam().request), HasSubstr(GetParam().says)); }

INSTANTIATE_TEST_SUITE_P(
    Cases, BadMlflowInputsTest,
    ::testing::Values(
        Row{"None", "{}", "exactly one of dataframe_split, dataframe_records, instances, inputs, and has none"},
        Row{"Two", R"({"instances":["a"],"inputs":["a"]})", "and has instances and inputs"},
        Row{"SplitNoObject", R"({"dataframe_split":[["a"]]})", "dataframe_split must be an object with data"},
        Row{"SplitNoData", R"({"dataframe_split":{"columns":["text"]}})", "dataframe_split must be an object with data"},
        Row{"SplitMore", R"({"dataframe_split":{"data":[],"dtype":1}})", "not \"dtype\""},
        Row{"SplitDataNoList", R"({"dataframe_split":{"data":"a"}})", "dataframe_split.data must be a list"},
        Row{"SplitColumnsNoList", R"({"dataframe_split":{"columns":"text","data":[]}})",
            "dataframe_split.columns must be a list"},
        Row{"SplitColumnNoString", R"({"dataframe_split":{"columns":["text",1],"data":[]}})",
            "dataframe_split.columns[1] must be a string"},
        Row{"SplitNoColumns", R"({"dataframe_split":{"columns":[],"data":[]}})", "has no column of texts"},
        Row{"SplitUnknownColumns", R"({"dataframe_split":{"columns":["text","x","y"],"data":[]}})",
            "columns that are not read: \"x\", \"y\";"},
        Row{"SplitTwoTexts", R"({"dataframe_split":{"columns":["text","inputs"],"data":[]}})", "more than one column of texts"},
        Row{"SplitTwoPairs", R"({"dataframe_split":{"columns":["text","text_pair","text_pair"],"data":[]}})",
            "\"text_pair\" twice"},
        Row{"SplitRowTooShort", R"({"dataframe_split":{"columns":["text","text_pair"],"data":[["a","b"],["a"]]}})",
            "dataframe_split.data[1] has 1 values for 2 columns"},
        Row{"SplitRowTooLong", R"({"dataframe_split":{"columns":["text"],"data":[["a","b"]]}})", "has 2 values for 1 columns"},
        Row{"SplitRowNoList", R"({"dataframe_split":{"columns":["text","text_pair"],"data":["a"]}})",
            "dataframe_split.data[0] must be a list"},
        Row{"SplitNumber", R"({"dataframe_split":{"columns":["text"],"data":[["a"],[5]]}})",
            "dataframe_split.data[1] must be a string"},
        Row{"SplitPairNull", R"({"dataframe_split":{"columns":["text","text_pair"],"data":[["a",null]]}})",
            "dataframe_split.data[0] (text_pair) must be a string"},
        Row{"RecordsNoList", R"({"dataframe_records":{"text":"a"}})", "dataframe_records must be a list"},
        Row{"RecordEmpty", R"({"dataframe_records":[{}]})", "dataframe_records[0] has no column of texts"},
        Row{"RecordUnknown", R"({"dataframe_records":[{"text":"a"},{"a":"1","b":"2"}]})",
            "dataframe_records[1] has columns that are not read: \"a\", \"b\""},
        Row{"RecordPairAlone", R"({"dataframe_records":[{"text_pair":"a"}]})", "dataframe_records[0] has no column of texts"},
        Row{"InstancesNoList", R"({"instances":"a"})", "instances must be a list"},
        Row{"InstanceNumber", R"({"instances":["a",null]})", "instances[1] must be a string"},
        Row{"InputsNumber", R"({"inputs":1})", "inputs must be a text, a list of texts, or columns by name"},
        Row{"InputsRowOfTwo", R"({"inputs":[["a","b"]]})", "inputs[0] must be a string"},
        Row{"InputsUnequalColumns", R"({"inputs":{"text":["a","b"],"text_pair":["p"]}})",
            "inputs has 1 second texts for 2 texts"},
        Row{"InputsColumnOfNumbers", R"({"inputs":{"text":["a",2]}})", "inputs, row 1 must be a string"}),
    [](const auto& row) { return row.param.name; });

TEST(MlflowInputsTest, TooManyTextsAreRefusedInEveryShape) {
  std::string most = "[\"\"", many;
  for (int i = 1; i < 100'000; ++i) most += ",\"\"";
  many = most + ",\"\"]";
  most += "]";
  const auto says = [](const char* place) {
    return HasSubstr(std::string(place) + " has 100001 elements; a request takes at most 100000");
  };
  EXPECT_THAT(Texts("{\"instances\":" + many + "}"), says("instances"));
  EXPECT_THAT(Texts("{\"dataframe_records\":" + many + "}"), says("dataframe_records"));
  EXPECT_THAT(Texts("{\"inputs\":" + many + "}"), says("inputs"));
  EXPECT_THAT(Texts("{\"inputs\":{\"text\":" + many + "}}"), says("inputs"));
  EXPECT_THAT(Texts("{\"dataframe_split\":{\"data\":" + many + "}}"), says("dataframe_split.data"));
  EXPECT_EQ(Texts("{\"inputs\":" + most + "}").size(), 99'999u);
}

}  // namespace
}  // namespace verdict
