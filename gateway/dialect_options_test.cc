#include "gateway/dialect_options.h"

#include <cstdlib>

#include "gateway/options.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

ParsedOptions Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "verdict-gateway");
  return ParseGatewayOptions(static_cast<int>(arguments.size()), arguments.data());
}

DialectOptions Good(std::vector<const char*> arguments) {
  const ParsedOptions parsed = Parse(std::move(arguments));
  EXPECT_FALSE(parsed.outcome.exit) << parsed.outcome.text;
  return parsed.options.gateway.dialects;
}

TEST(DialectOptionsTest, HasTheDocumentedDefaults) {
  const DialectOptions options = Good({});
  EXPECT_EQ(options.huggingface.format, HuggingFaceFormat::kAuto);
  EXPECT_EQ(options.text_embeddings_inference.max_client_batch_size, 32);
  EXPECT_EQ(options.text_embeddings_inference.max_concurrent_requests, 10'000);
  EXPECT_NE(options.text_embeddings_inference.version, "");
  EXPECT_EQ(options.torchserve.top_k, 5);
  EXPECT_EQ(options.kserve.predictions, KServePredictions::kLabels);
  EXPECT_EQ(options.kserve.vertex_predict_route, "");
  EXPECT_EQ(options.kserve.vertex_health_route, "");
}

TEST(DialectOptionsTest, ReadsFlags) {
  const DialectOptions options = Good({"--huggingface-format=nested", "--tei-max-client-batch-size=7", "--torchserve-top-k=0",
                                       "--kserve-predictions=probabilities", "--vertex-predict-route=/p",
                                       "--vertex-health-route=/h", "--max-connections=9"});
  EXPECT_EQ(options.huggingface.format, HuggingFaceFormat::kNested);
  EXPECT_EQ(options.text_embeddings_inference.max_client_batch_size, 7);
  EXPECT_EQ(options.text_embeddings_inference.max_concurrent_requests, 9);
  EXPECT_EQ(options.torchserve.top_k, 0);
  EXPECT_EQ(options.kserve.predictions, KServePredictions::kProbabilities);
  EXPECT_EQ(options.kserve.vertex_predict_route, "/p");
  EXPECT_EQ(options.kserve.vertex_health_route, "/h");
  EXPECT_EQ(Good({"--huggingface-format=flat"}).huggingface.format, HuggingFaceFormat::kFlat);
  EXPECT_EQ(Good({"--kserve-predictions=ids"}).kserve.predictions, KServePredictions::kIds);
}

TEST(DialectOptionsTest, VertexTellsItsRoutesInTheEnvironment) {
  setenv("AIP_PREDICT_ROUTE", "/v1/endpoints/1:predict", 1);
  setenv("AIP_HEALTH_ROUTE", "/isalive", 1);
  setenv("AIP_HTTP_PORT", "8123", 1);
  const ParsedOptions parsed = Parse({});
  unsetenv("AIP_PREDICT_ROUTE");
  unsetenv("AIP_HEALTH_ROUTE");
  unsetenv("AIP_HTTP_PORT");
  EXPECT_EQ(parsed.options.gateway.dialects.kserve.vertex_predict_route, "/v1/endpoints/1:predict");
  EXPECT_EQ(parsed.options.gateway.dialects.kserve.vertex_health_route, "/isalive");
  EXPECT_EQ(parsed.options.gateway.http.listen, "8123");
}

TEST(DialectOptionsTest, RefusesWhatMakesNoSense) {
  for (const char* argument :
       {"--huggingface-format=both", "--tei-max-client-batch-size=0", "--torchserve-top-k=-1", "--kserve-predictions=Labels",
        "--vertex-predict-route=predict", "--vertex-predict-route=/{model}", "--vertex-health-route=/a?b"}) {
    const ParsedOptions parsed = Parse({argument});
    EXPECT_TRUE(parsed.outcome.exit) << argument;
    EXPECT_NE(parsed.outcome.exit_code, 0) << argument;
    const std::string flag(argument, std::string_view(argument).find('='));
    EXPECT_THAT(parsed.outcome.text, HasSubstr(flag));
  }
}

}  // namespace
}  // namespace verdict
