#include "gateway/dialects/open_inference_outputs.h"

#include <limits>

#include "boost/json/parse.hpp"
#include "gateway/dialects/open_inference_answer.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

absl::StatusOr<std::vector<WantedOutput>> Read(const std::string& request) {
  return ReadWantedOutputs(boost::json::parse(request).as_object());
}

ClassifyReply TwoResults() {
  ClassifyReply reply;
  reply.model = "default";
  reply.model_version = "1";
  reply.results.resize(2);
  reply.results[0].labels = {{"good", 0.75f, 1}, {"bad", 0.25f, 0}};
  reply.results[1].labels = {{"bad", 0.5f, 0}, {"good", 0.5f, 1}};
  return reply;
}

// The `outputs` of the answer to a request for `outputs`.
std::string OutputsFor(const std::string& outputs, const ClassifyReply& reply = TwoResults()) {
  const auto wanted = Read(R"({"outputs":[)" + outputs + "]}");
  if (!wanted.ok()) return std::string(wanted.status().message());
  const HttpResponse response = WriteInferAnswer(reply, std::nullopt, *wanted);
  EXPECT_EQ(response.content_type, "application/json");
  const std::string head = R"({"model_name":"default","model_version":"1","outputs":[)";
  EXPECT_THAT(response.body, ::testing::StartsWith(head));
  return response.body.substr(head.size(), response.body.size() - head.size() - 2);
}

TEST(OpenInferenceOutputsTest, WithoutAWishThereAreLabelProbabilityAndId) {
  const auto wanted = Read("{}");
  ASSERT_TRUE(wanted.ok());
  EXPECT_EQ(TopKFor(*wanted), 1);
  const HttpResponse response = WriteInferAnswer(TwoResults(), "my \"id\"", *wanted);
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.body, R"({"model_name":"default","model_version":"1","id":"my \"id\"","outputs":[)"
                           R"({"name":"label","datatype":"BYTES","shape":[2],"data":["good","bad"]},)"
                           R"({"name":"probability","datatype":"FP32","shape":[2],"data":[0.75,0.5]},)"
                           R"({"name":"label_id","datatype":"INT64","shape":[2],"data":[1,0]}]})");
}

TEST(OpenInferenceOutputsTest, AScoreThatIsNoNumberIsZero) {
  ClassifyReply reply = TwoResults();
  reply.results[0].labels[0].score = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(OutputsFor(R"({"name":"probability"})", reply),
            R"({"name":"probability","datatype":"FP32","shape":[2],"data":[0.0,0.5]})");
}

TEST(OpenInferenceOutputsTest, OutputsComeAsAskedFor) {
  EXPECT_EQ(OutputsFor(R"({"name":"label_id"},{"name":"label"})"),
            R"({"name":"label_id","datatype":"INT64","shape":[2],"data":[1,0]},)"
            R"({"name":"label","datatype":"BYTES","shape":[2],"data":["good","bad"]})");
  EXPECT_EQ(OutputsFor(R"({"name":"probabilities"})"),
            R"({"name":"probabilities","datatype":"FP32","shape":[2,2],"data":[0.25,0.75,0.5,0.5]})");
  EXPECT_EQ(
      OutputsFor(R"({"name":"probability","parameters":{"classification":9}})"),
      R"({"name":"probability","datatype":"BYTES","shape":[2,2],"data":["0.750000:1:good","0.250000:0:bad","0.500000:0:bad","0.500000:1:good"]})");
  EXPECT_EQ(OutputsFor(R"({"name":"probabilities","parameters":{"classification":1}})"),
            R"({"name":"probabilities","datatype":"BYTES","shape":[2,1],"data":["0.750000:1:good","0.500000:0:bad"]})");
}

TEST(OpenInferenceOutputsTest, ResultsOfACascadeMayDifferInTheirLabels) {
  ClassifyReply reply = TwoResults();
  reply.results[1].labels = {{"fallback", -2.5f, -1}};
  EXPECT_EQ(OutputsFor(R"({"name":"probabilities"})", reply),
            R"({"name":"probabilities","datatype":"FP32","shape":[2,2],"data":[0.25,0.75,0.0,0.0]})");
  EXPECT_THAT(OutputsFor(R"({"name":"probability","parameters":{"classification":2}})", reply),
              HasSubstr(R"("0.250000:0:bad","-2.500000:-1:fallback",""])"));
  EXPECT_THAT(OutputsFor(R"({"name":"probability"})", reply), HasSubstr("[0.75,-2.5]"));
}

TEST(OpenInferenceOutputsTest, AsManyLabelsAreAskedForAsAreNeeded) {
  const auto top_k = [](const std::string& outputs) { return TopKFor(*Read(R"({"outputs":[)" + outputs + "]}")); };
  EXPECT_EQ(top_k(R"({"name":"label"})"), 1);
  EXPECT_EQ(top_k(R"({"name":"label"},{"name":"probability","parameters":{"classification":3}})"), 3);
  EXPECT_EQ(top_k(R"({"name":"probabilities"},{"name":"probability","parameters":{"classification":3}})"), 0);
  EXPECT_EQ(top_k(R"({"name":"probabilities","parameters":{"classification":2}})"), 2);
}

TEST(OpenInferenceOutputsTest, BinaryOutputsStandBehindTheJson) {
  const auto wanted = Read(R"({"parameters":{"binary_data_output":true},"outputs":[{"name":"label"},{"name":"probability"},)"
                           R"({"name":"label_id","parameters":{"binary_data":false}}]})");
  ASSERT_TRUE(wanted.ok());
  const HttpResponse response = WriteInferAnswer(TwoResults(), std::nullopt, *wanted);
  EXPECT_EQ(response.content_type, "application/octet-stream");
  const std::string head = R"({"model_name":"default","model_version":"1","outputs":[)"
                           R"({"name":"label","datatype":"BYTES","shape":[2],"parameters":{"binary_data_size":15}},)"
                           R"({"name":"probability","datatype":"FP32","shape":[2],"parameters":{"binary_data_size":8}},)"
                           R"({"name":"label_id","datatype":"INT64","shape":[2],"data":[1,0]}]})";
  EXPECT_EQ(response.headers.Find("Inference-Header-Content-Length"), std::to_string(head.size()));
  const std::string three("\3\0\0\0", 4), four("\4\0\0\0", 4), numbers("\0\0\x40\x3f\0\0\0\x3f", 8);
  EXPECT_EQ(response.body, head + four + "good" + three + "bad" + numbers);
}

TEST(OpenInferenceOutputsTest, BinaryIntegersHaveEightBytes) {
  const auto wanted = Read(R"({"outputs":[{"name":"label_id","parameters":{"binary_data":true}}]})");
  ASSERT_TRUE(wanted.ok());
  const std::string body = WriteInferAnswer(TwoResults(), std::nullopt, *wanted).body;
  EXPECT_THAT(body, ::testing::EndsWith(std::string("}]}\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 19)));
}

struct Row {
  const char* name;
  const char* request;
  const char* says;
};

class BadOutputsTest : public ::testing::TestWithParam<Row> {};

TEST_P(BadOutputsTest, AreRefusedByName) {
  const auto read = Read(GetParam().request);
  ASSERT_EQ(read.status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(read.status().message()), HasSubstr(GetParam().says));
}

INSTANTIATE_TEST_SUITE_P(
    Cases, BadOutputsTest,
    ::testing::Values(
        Row{"NoArray", R"({"outputs":{}})", "outputs: an array"},
        Row{"NoObject", R"({"outputs":["label"]})", "outputs[0]: an object"},
        Row{"NoName", R"({"outputs":[{}]})", "outputs[0].name: a string"},
        Row{"Unknown", R"({"outputs":[{"name":"label"},{"name":"logits"}]})", "outputs[1].name: there is no output \"logits\""},
        Row{"Twice", R"({"outputs":[{"name":"label"},{"name":"label"}]})", "outputs[1].name: label is asked for twice"},
        Row{"Parameters", R"({"outputs":[{"name":"label","parameters":1}]})", "outputs[0].parameters: an object"},
        Row{"RequestParameters", R"({"parameters":[]})", "parameters: an object"},
        Row{"BinaryNoFlag", R"({"outputs":[{"name":"label","parameters":{"binary_data":1}}]})",
            "outputs[0].parameters.binary_data: true or false"},
        Row{"BinaryOutputNoFlag", R"({"parameters":{"binary_data_output":"true"}})",
            "parameters.binary_data_output: true or false"},
        Row{"NoClasses", R"({"outputs":[{"name":"probability","parameters":{"classification":0}}]})",
            "classification: a whole number above 0"},
        Row{"FractionOfClasses", R"({"outputs":[{"name":"probability","parameters":{"classification":1.5}}]})",
            "classification: a whole number above 0"},
        Row{"ClassesOfLabel", R"({"outputs":[{"name":"label","parameters":{"classification":1}}]})",
            "is for the outputs probability"}),
    [](const auto& row) { return row.param.name; });

}  // namespace
}  // namespace verdict
