#include "services/classifier/rpc/open_inference_tensors.h"

#include <cstring>
#include <functional>
#include <limits>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/classifier/rpc/error_details.h"

namespace verdict {
namespace {

using inference::ModelInferRequest;
using testing::ElementsAre;
using testing::HasSubstr;

std::string Raw(const std::vector<std::string>& elements) {
  std::string bytes;
  for (const std::string& element : elements) {
    const auto size = static_cast<uint32_t>(element.size());
    for (int i = 0; i < 4; ++i) bytes.push_back(static_cast<char>(size >> 8 * i));
    bytes += element;
  }
  return bytes;
}

ModelInferRequest Request(const std::vector<std::string>& texts, const std::vector<int64_t>& shape) {
  ModelInferRequest message;
  message.set_model_name("m");
  auto& tensor = *message.add_inputs();
  tensor.set_name("anything");
  tensor.set_datatype("BYTES");
  tensor.mutable_shape()->Assign(shape.begin(), shape.end());
  for (const std::string& text : texts) tensor.mutable_contents()->add_bytes_contents(text);
  return message;
}

ModelInferRequest RawRequest(const std::string& bytes, const std::vector<int64_t>& shape) {
  ModelInferRequest message = Request({}, shape);
  message.add_raw_input_contents(bytes);
  return message;
}

std::string Error(ModelInferRequest message) {
  const auto call = FromProto(std::move(message), 3);
  EXPECT_EQ(call.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(call.status().message());
}

std::vector<std::string> Texts(const absl::StatusOr<InferenceCall>& call) {
  EXPECT_TRUE(call.ok()) << call.status();
  std::vector<std::string> texts;
  if (!call.ok()) return texts;
  for (const TextInput& input : call->request.inputs) texts.push_back(input.text);
  return texts;
}

TEST(OpenInferenceInputs, TextsComeTypedOrRawInThreeShapes) {
  for (const std::vector<int64_t>& shape : {std::vector<int64_t>{2}, {2, 1}, {1, 2}}) {
    const auto typed = FromProto(Request({"a", ""}, shape), 3);
    EXPECT_THAT(Texts(typed), ElementsAre("a", ""));
    EXPECT_FALSE(typed->raw);
    const auto raw = FromProto(RawRequest(Raw({"a", ""}), shape), 3);
    EXPECT_THAT(Texts(raw), ElementsAre("a", ""));
    EXPECT_TRUE(raw->raw);
  }
}

TEST(OpenInferenceInputs, TakesNameVersionAndId) {
  ModelInferRequest message = Request({"a"}, {1});
  message.set_model_version("7");
  message.set_id("id");
  (*message.mutable_parameters())["unknown"].set_bool_param(true);
  const auto call = FromProto(std::move(message), 3);
  EXPECT_EQ(call->request.model, "m");
  EXPECT_EQ(call->request.model_version, "7");
  EXPECT_EQ(call->id, "id");
  EXPECT_EQ(call->request.options.top_k, 1);
  EXPECT_FALSE(call->request.inputs[0].text_pair.has_value());
}

TEST(OpenInferenceInputs, APairIsTheTensorOfThatName) {
  for (const bool pair_first : {true, false}) {
    ModelInferRequest message = Request({"a", "b"}, {2});
    *message.add_inputs() = Request({"c", "d"}, {2}).inputs(0);
    message.mutable_inputs(pair_first ? 0 : 1)->set_name("text_pair");
    const auto call = FromProto(std::move(message), 3);
    ASSERT_TRUE(call.ok()) << call.status();
    EXPECT_EQ(call->request.inputs[1].text, pair_first ? "d" : "b");
    EXPECT_EQ(call->request.inputs[1].text_pair, pair_first ? "b" : "d");
    EXPECT_EQ(call->text_tensor, pair_first ? 1 : 0);
  }
}

TEST(OpenInferenceInputs, RefusesTensorsThatAreNoTexts) {
  const auto with = [](const std::function<void(ModelInferRequest&)>& change) {
    ModelInferRequest message = Request({"a"}, {1});
    change(message);
    return Error(std::move(message));
  };
  EXPECT_EQ(Error(ModelInferRequest()), "inputs: a tensor of texts is needed");
  EXPECT_THAT(with([](auto& m) { m.mutable_inputs(0)->set_datatype("FP32"); }), HasSubstr("inputs[0].datatype: is \"FP32\""));
  EXPECT_THAT(with([](auto& m) { m.mutable_inputs(0)->set_name("text_pair"); }), HasSubstr("needs a tensor of texts"));
  EXPECT_THAT(with([](auto& m) { *m.add_inputs() = m.inputs(0); }), HasSubstr("have to be named text_pair"));
  EXPECT_THAT(with([](auto& m) {
                m.mutable_inputs(0)->set_name("text_pair");
                *m.add_inputs() = m.inputs(0);
              }),
              HasSubstr("two are named text_pair"));
  EXPECT_THAT(with([](auto& m) {
                m.add_inputs();
                m.add_inputs();
              }),
              HasSubstr("inputs: 3 tensors"));
  EXPECT_THAT(with([](auto& m) { m.mutable_inputs(0)->mutable_contents()->add_fp32_contents(1); }),
              HasSubstr("inputs[0].contents: holds other values"));
  EXPECT_THAT(with([](auto& m) { m.mutable_inputs(0)->mutable_contents()->add_bytes_contents("b"); }),
              HasSubstr("has 2 elements, but the shape says 1"));
  EXPECT_THAT(with([](auto& m) { m.mutable_inputs(0)->mutable_contents()->set_bytes_contents(0, "a\xFF"); }),
              HasSubstr("inputs[0].contents.bytes_contents[0]: is not valid UTF-8 at byte 1"));
  EXPECT_THAT(with([](auto& m) {
                *m.add_inputs() = Request({"c", "d"}, {2}).inputs(0);
                m.mutable_inputs(1)->set_name("text_pair");
              }),
              HasSubstr("inputs[1].shape: 2 second texts for 1 texts"));
}

TEST(OpenInferenceInputs, RefusesShapes) {
  const auto shape = [](const std::vector<int64_t>& sizes) { return Error(Request({"a"}, sizes)); };
  constexpr int64_t kMost = std::numeric_limits<int64_t>::max();
  EXPECT_THAT(shape({}), HasSubstr("inputs[0].shape: is [], expected [n]"));
  EXPECT_THAT(shape({2, 2}), HasSubstr("is [2, 2], expected"));
  EXPECT_THAT(shape({kMost, 2}), HasSubstr("expected [n]"));
  EXPECT_THAT(shape(std::vector<int64_t>(100'000, 1)), HasSubstr("is [100000 dimensions]"));
  EXPECT_THAT(shape({0}), HasSubstr("holds no element"));
  EXPECT_THAT(shape({-1}), HasSubstr("the negative size -1"));
  EXPECT_THAT(shape({1, -1}), HasSubstr("the negative size -1"));
  EXPECT_THAT(shape({kMost}), HasSubstr("texts, at most 3"));
  EXPECT_THAT(shape({4, 1}), HasSubstr("4 texts, at most 3"));
}

TEST(OpenInferenceInputs, RawBytesAreNotTrusted) {
  EXPECT_THAT(Error(RawRequest("", {1})), HasSubstr("raw_input_contents[0]: ends before the size of element 0"));
  EXPECT_THAT(Error(RawRequest("\x01", {1})), HasSubstr("ends before the size of element 0"));
  EXPECT_THAT(Error(RawRequest("\xFF\xFF\xFF\xFFx", {1})), HasSubstr("element 0 has 4294967295 bytes, and only 1 are left"));
  EXPECT_THAT(Error(RawRequest(Raw({"a"}), {2})), HasSubstr("ends before the size of element 1"));
  EXPECT_THAT(Error(RawRequest(Raw({"a", "b"}), {1})), HasSubstr("has 5 bytes after the last element"));
  EXPECT_THAT(Error(RawRequest(Raw({"a", "\xC0"}), {2})),
              HasSubstr("raw_input_contents[0]: element 1: is not valid UTF-8 at byte 0"));
  ModelInferRequest both = Request({"a"}, {1});
  both.add_raw_input_contents(Raw({"a"}));
  EXPECT_THAT(Error(both), HasSubstr("inputs[0].contents: is given beside raw_input_contents"));
  ModelInferRequest two = RawRequest(Raw({"a"}), {1});
  two.add_raw_input_contents(Raw({"a"}));
  EXPECT_THAT(Error(two), HasSubstr("raw_input_contents: has 2 entries for 1 inputs"));
}

// Cuts and flips of a good message: refused or read, and never out of bounds, which the sanitizers see.
TEST(OpenInferenceInputs, AnyBytesAreReadOrRefused) {
  const std::string good = Raw({"abc", "", "de"});
  for (size_t i = 0; i < good.size(); ++i) {
    EXPECT_FALSE(FromProto(RawRequest(good.substr(0, i), {3}), 3).ok());
    for (int bit = 0; bit < 8; ++bit) {
      std::string bad = good;
      bad[i] = static_cast<char>(bad[i] ^ 1 << bit);
      const auto call = FromProto(RawRequest(bad, {3}), 3);
      if (call.ok()) {
        EXPECT_EQ(call->request.inputs.size(), 3u);
      }
    }
  }
}

TEST(OpenInferenceInputs, OutputsAreChosen) {
  ModelInferRequest message = Request({"a"}, {1});
  message.add_outputs()->set_name("probabilities");
  message.add_outputs()->set_name("label");
  auto call = FromProto(ModelInferRequest(message), 3);
  ASSERT_TRUE(call.ok());
  EXPECT_EQ(call->request.options.top_k, 0);
  (*message.mutable_outputs(0)->mutable_parameters())["classification"].set_int64_param(5);
  EXPECT_EQ(FromProto(ModelInferRequest(message), 3)->request.options.top_k, 5);
  const auto with = [&](const std::function<void(ModelInferRequest::InferRequestedOutputTensor&)>& change) {
    ModelInferRequest changed = message;
    change(*changed.mutable_outputs(1));
    return Error(std::move(changed));
  };
  EXPECT_THAT(with([](auto& output) { output.set_name("logits"); }), HasSubstr("outputs[1].name: there is no output \"logits\""));
  EXPECT_THAT(with([](auto& output) { output.set_name("probabilities"); }), HasSubstr("asked for twice"));
  EXPECT_THAT(with([](auto& output) { (*output.mutable_parameters())["classification"].set_int64_param(2); }),
              HasSubstr("is for the outputs probability and probabilities"));
  for (const int64_t k : {int64_t{0}, int64_t{-1}, std::numeric_limits<int64_t>::min()}) {
    EXPECT_THAT(with([&](auto& output) { (*output.mutable_parameters())["classification"].set_int64_param(k); }),
                HasSubstr("outputs[1].parameters.classification: expected an integer above 0"));
  }
  EXPECT_THAT(with([](auto& output) { (*output.mutable_parameters())["classification"].set_string_param("2"); }),
              HasSubstr("expected an integer above 0"));
}

TEST(NameElement, TurnsTheTextIntoTheElement) {
  InferenceCall call;
  call.text_tensor = 1;
  const absl::Status status = absl::InvalidArgumentError("inputs[2]: 600 tokens, at most 512");
  EXPECT_EQ(NameElement(status, call).message(), "inputs[1].contents.bytes_contents[2]: 600 tokens, at most 512");
  call.raw = true;
  EXPECT_EQ(NameElement(status, call).message(), "raw_input_contents[1]: element 2: 600 tokens, at most 512");
  const absl::Status other = absl::UnavailableError("no model is loaded yet");
  EXPECT_EQ(NameElement(other, call), other);
  EXPECT_EQ(NameElement(WithReason(absl::ResourceExhaustedError("inputs[0]: x"), Reason::kOutOfMemory), call).code(),
            absl::StatusCode::kResourceExhausted);
}

class OutputsTest : public testing::Test {
 protected:
  OutputsTest() {
    model_.labels = {"no", "yes", "maybe"};
    response_.model = "m";
    response_.model_version = "7";
    response_.results.resize(2);
    response_.results[0].labels = {{"yes", 0.75f, 1}, {"maybe", 0.25f, 2}, {"no", 0.0f, 0}};
    response_.results[1].labels = {{"no", 0.5f, 0}, {"maybe", 0.375f, 2}, {"yes", 0.125f, 1}};
  }

  inference::ModelInferResponse Answer(const std::vector<WantedOutput>& outputs, bool raw = false) const {
    inference::ModelInferResponse message;
    ToProto(response_, {.request = {}, .id = "id", .outputs = outputs, .raw = raw}, model_, message);
    return message;
  }

  ModelInfo model_;
  ClassifyResponse response_;
};

TEST_F(OutputsTest, TheBestLabelOfEachText) {
  const auto message = Answer({{OpenInferenceOutput::kLabel, "label"},
                               {OpenInferenceOutput::kProbability, "probability"},
                               {OpenInferenceOutput::kLabelId, "label_id"}});
  EXPECT_EQ(message.model_name(), "m");
  EXPECT_EQ(message.model_version(), "7");
  EXPECT_EQ(message.id(), "id");
  ASSERT_EQ(message.outputs_size(), 3);
  EXPECT_EQ(message.outputs(0).datatype(), "BYTES");
  EXPECT_THAT(message.outputs(0).shape(), ElementsAre(2));
  EXPECT_THAT(message.outputs(0).contents().bytes_contents(), ElementsAre("yes", "no"));
  EXPECT_EQ(message.outputs(1).datatype(), "FP32");
  EXPECT_THAT(message.outputs(1).contents().fp32_contents(), ElementsAre(0.75f, 0.5f));
  EXPECT_EQ(message.outputs(2).datatype(), "INT64");
  EXPECT_THAT(message.outputs(2).contents().int64_contents(), ElementsAre(1, 0));
  EXPECT_TRUE(message.raw_output_contents().empty());
}

TEST_F(OutputsTest, AllProbabilitiesByLabelId) {
  const auto message = Answer({{OpenInferenceOutput::kProbabilities, "probabilities"}});
  EXPECT_THAT(message.outputs(0).shape(), ElementsAre(2, 3));
  EXPECT_THAT(message.outputs(0).contents().fp32_contents(), ElementsAre(0.0f, 0.75f, 0.25f, 0.5f, 0.125f, 0.375f));
}

TEST_F(OutputsTest, ClassesAsTritonWritesThem) {
  auto message = Answer({{OpenInferenceOutput::kProbability, "probability", 2}});
  EXPECT_EQ(message.outputs(0).datatype(), "BYTES");
  EXPECT_THAT(message.outputs(0).shape(), ElementsAre(2, 2));
  EXPECT_THAT(message.outputs(0).contents().bytes_contents(),
              ElementsAre("0.750000:1:yes", "0.250000:2:maybe", "0.500000:0:no", "0.375000:2:maybe"));
  message = Answer({{OpenInferenceOutput::kProbability, "probability", 99}});
  EXPECT_THAT(message.outputs(0).shape(), ElementsAre(2, 3));
}

TEST_F(OutputsTest, RawAnswersHoldTheSame) {
  const auto message = Answer({{OpenInferenceOutput::kLabel, "label"},
                               {OpenInferenceOutput::kProbability, "probability"},
                               {OpenInferenceOutput::kLabelId, "label_id"}},
                              true);
  ASSERT_EQ(message.raw_output_contents_size(), 3);
  EXPECT_FALSE(message.outputs(0).has_contents());
  EXPECT_EQ(message.raw_output_contents(0), Raw({"yes", "no"}));
  const float scores[] = {0.75f, 0.5f};
  const int64_t ids[] = {1, 0};
  EXPECT_EQ(message.raw_output_contents(1), std::string(reinterpret_cast<const char*>(scores), sizeof(scores)));
  EXPECT_EQ(message.raw_output_contents(2), std::string(reinterpret_cast<const char*>(ids), sizeof(ids)));
}

// A cascade's texts may be answered by some of its labels alone, and by one of a model that came after the list was made.
TEST_F(OutputsTest, ACascadesLabelsAreThoseOfItsList) {
  response_.results[0].labels = {{"maybe", 0.9f, 2}, {"yes", 0.1f, 1}};
  response_.results[1].labels = {{"fallback", 0.3f, 7}};
  const auto message = Answer({{OpenInferenceOutput::kLabelId, "label_id"},
                               {OpenInferenceOutput::kProbabilities, "probabilities"},
                               {OpenInferenceOutput::kProbability, "probability", 2}});
  EXPECT_THAT(message.outputs(0).contents().int64_contents(), ElementsAre(2, -1));
  EXPECT_THAT(message.outputs(1).contents().fp32_contents(), ElementsAre(0.0f, 0.1f, 0.9f, 0.0f, 0.0f, 0.0f));
  EXPECT_THAT(message.outputs(2).contents().bytes_contents(),
              ElementsAre("0.900000:2:maybe", "0.100000:1:yes", "0.300000:-1:fallback", ""));
}

TEST_F(OutputsTest, MetadataNamesTheTensors) {
  model_.name = "m";
  model_.version = "7";
  model_.backend = "native";
  inference::ModelMetadataResponse message;
  Describe(model_, message);
  EXPECT_EQ(message.platform(), "verdict_native");
  EXPECT_THAT(message.versions(), ElementsAre("7"));
  EXPECT_EQ(message.inputs(0).name(), "text");
  EXPECT_THAT(message.inputs(0).shape(), ElementsAre(-1));
  EXPECT_THAT(message.outputs(3).shape(), ElementsAre(-1, 3));
}

}  // namespace
}  // namespace verdict
