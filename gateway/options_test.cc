#include "gateway/options.h"

#include <cstdlib>

#include "gateway/run.h"
#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;
using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::Pair;

ParsedOptions Parse(std::vector<const char*> arguments) {
  arguments.insert(arguments.begin(), "verdict-gateway");
  return ParseGatewayOptions(static_cast<int>(arguments.size()), arguments.data());
}

GatewayOptions Good(std::vector<const char*> arguments) {
  const ParsedOptions parsed = Parse(std::move(arguments));
  EXPECT_FALSE(parsed.outcome.exit) << parsed.outcome.text;
  return parsed.options;
}

// A variable of the environment for as long as it lives.
class Variable {
 public:
  Variable(const char* name, const char* value) : name_(name) { setenv(name, value, 1); }
  ~Variable() { unsetenv(name_); }

 private:
  const char* const name_;
};

TEST(GatewayOptionsTest, HasTheDocumentedDefaults) {
  const GatewayOptions options = Good({});
  EXPECT_FALSE(options.serve);
  EXPECT_EQ(options.gateway.http.listen, "0.0.0.0:8080");
  EXPECT_EQ(options.gateway.http.threads, 1);
  EXPECT_EQ(options.gateway.http.limits.body_bytes, 26214400u);
  EXPECT_EQ(options.gateway.request_timeout, absl::Seconds(60));
  EXPECT_THAT(options.service_addresses, ElementsAre("127.0.0.1:50051"));
  EXPECT_EQ(options.replication.retry.bridge, absl::Seconds(10));
  EXPECT_EQ(options.replication.health_interval * options.replication.most_misses, absl::Seconds(5));
  EXPECT_EQ(options.lame_duck, absl::ZeroDuration());
  EXPECT_EQ(options.drain_timeout, absl::Seconds(25));
  EXPECT_EQ(options.log_level, LogLevel::kInfo);
  EXPECT_EQ(options.grpc_listen, "");
  EXPECT_THAT(options.service_binary, EndsWith("/verdict-service"));
}

TEST(GatewayOptionsTest, TheServiceOfServeIsToldWhatGuardsTheGateway) {
  const Variable inherited("VERDICT_JWT_ISSUER", "i");
  EXPECT_THAT(Good({"serve", "--api-keys-file=keys", "--jwt-jwks-file=j", "--jwt-algorithms=ES256", "--jwt-algorithms=EdDSA",
                    "--http-listen=:0"})
                  .service_security,
              ElementsAre(Pair("VERDICT_API_KEYS_FILE", "keys"), Pair("VERDICT_JWT_JWKS_FILE", "j"),
                          Pair("VERDICT_JWT_ALGORITHMS", "ES256,EdDSA")));
}

TEST(GatewayOptionsTest, ReadsFlags) {
  const GatewayOptions options = Good({"--http-listen",
                                       "127.0.0.1:0",
                                       "--service-address=unix:/s",
                                       "--request-timeout-ms",
                                       "5",
                                       "--max-body-bytes",
                                       "10",
                                       "--max-header-bytes",
                                       "512",
                                       "--header-timeout-ms",
                                       "1",
                                       "--body-timeout-ms",
                                       "2",
                                       "--idle-timeout-ms",
                                       "3",
                                       "--max-connections",
                                       "4",
                                       "--http-threads",
                                       "6",
                                       "--drain-timeout-ms",
                                       "0",
                                       "--log-level",
                                       "warning",
                                       "--dialects",
                                       "multi_model,sagemaker"});
  EXPECT_THAT(options.gateway.dialects.enabled, ::testing::ElementsAre("multi_model", "sagemaker"));
  EXPECT_EQ(options.gateway.http.listen, "127.0.0.1:0");
  EXPECT_THAT(options.service_addresses, ElementsAre("unix:/s"));
  EXPECT_EQ(options.gateway.request_timeout, absl::Milliseconds(5));
  const HttpLimits& limits = options.gateway.http.limits;
  EXPECT_EQ(limits.body_bytes, 10u);
  EXPECT_EQ(limits.header_bytes, 512u);
  EXPECT_EQ(limits.header_timeout, absl::Milliseconds(1));
  EXPECT_EQ(limits.body_timeout, absl::Milliseconds(2));
  EXPECT_EQ(limits.idle_timeout, absl::Milliseconds(3));
  EXPECT_EQ(limits.max_connections, 4);
  EXPECT_EQ(options.gateway.http.threads, 6);
  EXPECT_EQ(options.drain_timeout, absl::ZeroDuration());
  EXPECT_EQ(options.log_level, LogLevel::kWarning);
}

TEST(GatewayOptionsTest, ReadsHowTheServiceIsReached) {
  const GatewayOptions options = Good(
      {"--service-address", "a:1,dns:///b:2", "--service-retry-ms", "7", "--service-silent-ms", "500", "--lame-duck-ms", "9"});
  EXPECT_THAT(options.service_addresses, ElementsAre("a:1", "dns:///b:2"));
  EXPECT_EQ(options.replication.retry.bridge, absl::Milliseconds(7));
  EXPECT_EQ(options.replication.health_interval, absl::Milliseconds(100));
  EXPECT_EQ(options.lame_duck, absl::Milliseconds(9));
  const Variable replicas("VERDICT_SERVICE_ADDRESS", "c:3,d:4");
  EXPECT_THAT(Good({}).service_addresses, ElementsAre("c:3", "d:4"));
}

TEST(GatewayOptionsTest, TheDocumentationIsServedUnlessSwitchedOff) {
  EXPECT_TRUE(Good({}).gateway.dialects.api_docs);
  EXPECT_FALSE(Good({"--api-docs=false"}).gateway.dialects.api_docs);
  const Variable off("VERDICT_API_DOCS", "off");
  EXPECT_FALSE(Good({}).gateway.dialects.api_docs);
}

TEST(GatewayOptionsTest, ServeTakesOptionsOnBothSidesAndPassesTheRestOn) {
  const GatewayOptions options = Good(
      {"--http-threads", "2", "serve", "--grpc-listen", "0.0.0.0:1", "--service-binary", "/s", "--", "--model-dir", "/m", "--x"});
  EXPECT_TRUE(options.serve);
  EXPECT_EQ(options.gateway.http.threads, 2);
  EXPECT_EQ(options.grpc_listen, "0.0.0.0:1");
  EXPECT_THAT(options.service_arguments, ElementsAre("--model-dir", "/m", "--x"));
  EXPECT_THAT(ServiceCommand(options, "unix:/p"), ElementsAre("/s", "--grpc-listen", "unix:/p", "--grpc-listen", "0.0.0.0:1",
                                                              "--log-level", "info", "--model-dir", "/m", "--x"));
}

TEST(GatewayOptionsTest, TheServicesOwnLogLevelWins) {
  const GatewayOptions options = Good({"serve", "--service-binary", "/s", "--log-level", "debug", "--", "--log-level=error"});
  EXPECT_THAT(ServiceCommand(options, "unix:/p"), ElementsAre("/s", "--grpc-listen", "unix:/p", "--log-level=error"));
}

TEST(GatewayOptionsTest, ReadsTheEnvironmentsOfOthers) {
  const Variable port("SAGEMAKER_BIND_TO_PORT", "9090"), level("SM_LOG_LEVEL", "10"), payload("SAGEMAKER_MAX_PAYLOAD_IN_MB", "6");
  const GatewayOptions options = Good({});
  EXPECT_EQ(options.gateway.http.listen, "9090");
  EXPECT_EQ(options.log_level, LogLevel::kDebug);
  EXPECT_EQ(options.gateway.http.limits.body_bytes, 6u * 1024 * 1024);
  const Variable own("VERDICT_HTTP_LISTEN", "127.0.0.1:1"), own_level("VERDICT_LOG_LEVEL", "ERROR"),
      own_limit("VERDICT_MAX_BODY_BYTES", "7");
  EXPECT_EQ(Good({}).gateway.http.listen, "127.0.0.1:1");
  EXPECT_EQ(Good({}).log_level, LogLevel::kError);
  EXPECT_EQ(Good({}).gateway.http.limits.body_bytes, 7u);
  EXPECT_EQ(Good({"--http-listen", "127.0.0.1:2"}).gateway.http.listen, "127.0.0.1:2");
}

TEST(GatewayOptionsTest, TheSentimentContractHasItsOwnVariables) {
  EXPECT_EQ(Good({}).gateway.sentiment_listen, "");
  EXPECT_EQ(Good({}).gateway.dialects.sentiment.service_name, "sentiment-inference-service");
  EXPECT_EQ(Good({}).gateway.dialects.sentiment.max_batch_size, 100u);
  EXPECT_EQ(Good({}).gateway.dialects.sentiment.model_uri, "models:/prod-sentiment-classifier/Production");
  const Variable name("SERVICE_NAME", "mine"), batch("MAX_BATCH_SIZE", "7"), uri("MODEL_URI", "models:/a/1"),
      port("PORT", "8000");
  const Variable tracking("MLFLOW_TRACKING_URI", "mlruns"), level("LOG_LEVEL", "WARNING");
  const GatewayOptions options = Good({});
  EXPECT_EQ(options.gateway.dialects.sentiment.service_name, "mine");
  EXPECT_EQ(options.gateway.dialects.sentiment.max_batch_size, 7u);
  EXPECT_EQ(options.gateway.dialects.sentiment.model_uri, "models:/a/1");
  EXPECT_EQ(options.gateway.sentiment_listen, "8000");
  EXPECT_EQ(options.log_level, LogLevel::kWarning);
  EXPECT_EQ(Good({"--sentiment-listen", "127.0.0.1:0"}).gateway.sentiment_listen, "127.0.0.1:0");
}

TEST(GatewayOptionsTest, ASentimentPortIsOneAtHostAndNotTheOneThatIsThereAlready) {
  const Variable port("PORT", "8080");
  EXPECT_EQ(Good({}).gateway.sentiment_listen, "");
  EXPECT_EQ(Good({"--http-listen", "[::1]:8080"}).gateway.sentiment_listen, "");
  EXPECT_EQ(Good({"--http-listen", "9090"}).gateway.sentiment_listen, "8080");
  {
    const Variable host("HOST", "127.0.0.1");
    EXPECT_EQ(Good({"--http-listen", "9090"}).gateway.sentiment_listen, "127.0.0.1:8080");
    EXPECT_EQ(Good({"--http-listen", "9090", "--sentiment-listen", "[::1]:1"}).gateway.sentiment_listen, "[::1]:1");
  }
  const Variable host("HOST", "::1");
  EXPECT_EQ(Good({"--http-listen", "9090"}).gateway.sentiment_listen, "[::1]:8080");
  EXPECT_EQ(Good({"--http-listen", "0", "--sentiment-listen", "127.0.0.1:0"}).gateway.sentiment_listen, "127.0.0.1:0");
}

TEST(GatewayOptionsTest, WebPagesAreNamedByTheirOrigins) {
  EXPECT_TRUE(Good({}).gateway.http.conventions.cors.origins.empty());
  EXPECT_THAT(Good({"--cors-origins", "https://a.example,http://b:1"}).gateway.http.conventions.cors.origins,
              ElementsAre("https://a.example", "http://b:1"));
  const Variable all("VERDICT_CORS_ORIGINS", "*");
  EXPECT_THAT(Good({}).gateway.http.conventions.cors.origins, ElementsAre("*"));
  for (const char* none : {"example.com", "https://a.example/", "https://", "://a"}) {
    EXPECT_THAT(Parse({"--cors-origins", none}).outcome.text, HasSubstr("is no origin")) << none;
  }
}

TEST(GatewayOptionsTest, APayloadOfZeroKeepsTheDefault) {
  const Variable payload("SAGEMAKER_MAX_PAYLOAD_IN_MB", "0");
  EXPECT_EQ(Good({}).gateway.http.limits.body_bytes, 26214400u);
}

TEST(GatewayOptionsTest, ReadsSageMakersNamesForBatchTransform) {
  EXPECT_FALSE(Good({}).gateway.dialects.sagemaker.records.batch);
  EXPECT_EQ(Good({}).gateway.dialects.sagemaker.execution.max_payload_mb, 25);
  const Variable batch("SAGEMAKER_BATCH", "True"), accept("SAGEMAKER_DEFAULT_INVOCATIONS_ACCEPT", "text/csv"),
      transforms("SAGEMAKER_MAX_CONCURRENT_TRANSFORMS", "8"), strategy("SAGEMAKER_BATCH_STRATEGY", "MULTI_RECORD");
  const GatewayOptions options = Good({"--batch-concurrency", "2", "--max-record-bytes", "2048", "--max-spill-bytes", "0"});
  const SageMakerOptions& sagemaker = options.gateway.dialects.sagemaker;
  EXPECT_TRUE(sagemaker.records.batch);
  EXPECT_EQ(sagemaker.records.default_accept, "text/csv");
  EXPECT_EQ(sagemaker.records.limits.record_bytes, 2048u);
  EXPECT_EQ(sagemaker.execution.max_concurrent_transforms, 8);
  EXPECT_EQ(sagemaker.execution.max_payload_mb, 12);  // 100 MB for all eight
  EXPECT_EQ(sagemaker.execution.batch_strategy, "MULTI_RECORD");
  EXPECT_EQ(options.gateway.records.calls.concurrency, 2);
  EXPECT_EQ(options.gateway.http.limits.spill_bytes, 0u);
  const Variable unlimited("SAGEMAKER_MAX_PAYLOAD_IN_MB", "0");
  EXPECT_EQ(Good({}).gateway.dialects.sagemaker.execution.max_payload_mb, 0);
}

TEST(GatewayOptionsTest, ReadsTheTimeoutInSeconds) {
  const Variable old("SAGEMAKER_MODEL_SERVER_TIMEOUT", "7");
  EXPECT_EQ(Good({}).gateway.request_timeout, absl::Seconds(7));
  const Variable named("SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS", "9");
  EXPECT_EQ(Good({}).gateway.request_timeout, absl::Seconds(9));
  EXPECT_EQ(Good({"--request-timeout-ms", "5"}).gateway.request_timeout, absl::Milliseconds(5));
  const Variable bad("SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS", "soon");
  EXPECT_THAT(Parse({}).outcome.text, HasSubstr("SAGEMAKER_MODEL_SERVER_TIMEOUT_SECONDS"));
}

TEST(GatewayOptionsTest, ASecondPortLiesInTheSafeRange) {
  const Variable range("SAGEMAKER_SAFE_PORT_RANGE", "8080-8083");
  EXPECT_EQ(Good({}).grpc_listen, "");
  EXPECT_EQ(Good({"--grpc-listen", "0.0.0.0:50051"}).grpc_listen, "0.0.0.0:8081");  // HTTP has the first
  EXPECT_EQ(Good({"--grpc-listen", "0.0.0.0:8082"}).grpc_listen, "0.0.0.0:8082");
  EXPECT_EQ(Good({"--grpc-listen", "0.0.0.0:9", "--http-listen", "1"}).grpc_listen, "0.0.0.0:8080");
  EXPECT_EQ(Good({"--grpc-listen", "unix:/s"}).grpc_listen, "unix:/s");
  const Variable bad("SAGEMAKER_SAFE_PORT_RANGE", "8080");
  EXPECT_THAT(Parse({"--grpc-listen", "1"}).outcome.text, HasSubstr("SAGEMAKER_SAFE_PORT_RANGE"));
}

TEST(GatewayOptionsTest, RefusesWhatMakesNoSense) {
  const std::vector<std::vector<const char*>> rows = {
      {"--max-body-bytes", "0"},     {"--max-connections", "-1"},
      {"--request-timeout-ms", "0"}, {"--http-threads", "0"},
      {"--drain-timeout-ms", "-1"},  {"--drain-timeout-ms", "10", "--lame-duck-ms", "10"},
      {"--log-level", "loud"},       {"--default-accept", "text/html"},
      {"--batch-strategy", "Both"},  {"--max-record-bytes", "1"},
      {"--no-such-option"},          {"server"}};
  for (const auto& arguments : rows) {
    const ParsedOptions parsed = Parse(arguments);
    EXPECT_TRUE(parsed.outcome.exit) << arguments[0];
    EXPECT_NE(parsed.outcome.exit_code, 0) << arguments[0];
    EXPECT_FALSE(parsed.outcome.text.empty());
  }
  const Variable payload("SAGEMAKER_MAX_PAYLOAD_IN_MB", "many");
  EXPECT_THAT(Parse({}).outcome.text, HasSubstr("SAGEMAKER_MAX_PAYLOAD_IN_MB"));
}

TEST(GatewayOptionsTest, HelpAndVersionAreNoFailure) {
  EXPECT_EQ(Parse({"--version"}).outcome.exit_code, 0);
  EXPECT_THAT(Parse({"--version"}).outcome.text, HasSubstr("verdict-gateway "));
  const ParsedOptions help = Parse({"--help"});
  EXPECT_TRUE(help.outcome.exit);
  EXPECT_EQ(help.outcome.exit_code, 0);
  for (const char* word : {"serve", "--http-listen", "SAGEMAKER_BIND_TO_PORT", "VERDICT_MAX_BODY_BYTES"}) {
    EXPECT_THAT(help.outcome.text, HasSubstr(word));
  }
}

TEST(GatewayOptionsTest, TellsWhatIsInEffectAndWhy) {
  const ParsedOptions parsed = Parse({"--http-threads", "3"});
  EXPECT_THAT(parsed.effective, HasSubstr("\"http-threads\":\"3\""));
  EXPECT_THAT(parsed.sources, HasSubstr("\"http-threads\":\"flag\""));
}

}  // namespace
}  // namespace verdict
