#include "services/classifier/rpc/error_details.h"

#include <fstream>
#include <map>
#include <optional>
#include <regex>
#include <sstream>
#include <string>

#include "common/retry_delay.h"
#include "common/utf8.h"
#include "gmock/gmock.h"
#include "google/rpc/error_details.pb.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

template <typename Detail>
std::optional<Detail> Find(const google::rpc::Status& error) {
  Detail detail;
  for (const auto& each : error.details()) {
    if (each.UnpackTo(&detail)) return detail;
  }
  return std::nullopt;
}

TEST(ErrorDetails, AnInvalidArgumentNamesItsField) {
  const auto error = ToRichError(absl::InvalidArgumentError("inputs[3].text: is not valid UTF-8 at byte 1"), "id-1");
  EXPECT_EQ(error.code(), 3);
  EXPECT_EQ(error.message(), "inputs[3].text: is not valid UTF-8 at byte 1");
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(error)->reason(), "INVALID_REQUEST");
  EXPECT_EQ(Find<google::rpc::ErrorInfo>(error)->domain(), "verdict");
  const auto bad = Find<google::rpc::BadRequest>(error);
  ASSERT_TRUE(bad);
  EXPECT_EQ(bad->field_violations(0).field(), "inputs[3].text");
  EXPECT_EQ(bad->field_violations(0).description(), "is not valid UTF-8 at byte 1");
  EXPECT_EQ(Find<google::rpc::RequestInfo>(error)->request_id(), "id-1");
  EXPECT_FALSE(Find<google::rpc::RetryInfo>(error));
}

TEST(ErrorDetails, WhatMayBeTriedAgainSaysWhen) {
  const auto delay = [](const absl::Status& status) {
    const auto retry = Find<google::rpc::RetryInfo>(ToRichError(status, ""));
    return retry ? std::optional(retry->retry_delay().seconds()) : std::nullopt;
  };
  EXPECT_EQ(delay(absl::ResourceExhaustedError("")), 1);
  EXPECT_EQ(delay(absl::UnavailableError("")), 1);
  EXPECT_EQ(delay(WithReason(absl::UnavailableError(""), Reason::kDraining)), 0);
  EXPECT_EQ(delay(WithReason(absl::ResourceExhaustedError(""), Reason::kOutOfMemory)), std::nullopt);
  EXPECT_EQ(delay(absl::DeadlineExceededError("")), std::nullopt);
  EXPECT_FALSE(Find<google::rpc::RequestInfo>(ToRichError(absl::NotFoundError(""), "")));
}

TEST(ErrorDetails, AStatusMaySayItselfWhenToTryAgain) {
  const absl::Status status = WithRetryDelay(absl::ResourceExhaustedError(""), absl::Milliseconds(2250));
  const auto delay = Find<google::rpc::RetryInfo>(ToRichError(status, ""))->retry_delay();
  EXPECT_EQ(delay.seconds(), 2);
  EXPECT_EQ(delay.nanos(), 250'000'000);
}

TEST(ErrorDetails, AGivenReasonCountsOnlyWithItsCode) {
  EXPECT_EQ(ReasonOf(WithReason(absl::InvalidArgumentError(""), Reason::kInvalidUtf8)).reason, Reason::kInvalidUtf8);
  EXPECT_EQ(ReasonOf(WithReason(absl::NotFoundError(""), Reason::kInvalidUtf8)).reason, Reason::kModelNotFound);
  EXPECT_EQ(ReasonOf(absl::DataLossError("")).reason, Reason::kInternal);
}

TEST(ErrorDetails, FaultsOfOursSayNothingMore) {
  for (const absl::Status& status : {absl::InternalError("/secret"), absl::UnknownError("/secret")}) {
    const auto error = ToRichError(status, "id");
    EXPECT_EQ(error.code(), 13);
    EXPECT_THAT(error.SerializeAsString(), testing::Not(testing::HasSubstr("secret")));
  }
}

TEST(ErrorDetails, TheTrailerIsBoundedAndStaysUtf8) {
  std::string message = "inputs[0].text: ";
  while (message.size() < 100'000) message += "€";
  const auto error = ToRichError(absl::InvalidArgumentError(message), std::string(128, 'x'));
  EXPECT_FALSE(FindInvalidUtf8(error.message()));
  const size_t percent_encoded = 3 * error.message().size();
  const size_t base64 = error.ByteSizeLong() * 4 / 3 + 4;
  EXPECT_LT(percent_encoded + base64, 7u * 1024);
}

TEST(ErrorDetails, TheStatusOfACallCarriesTheSame) {
  EXPECT_TRUE(ToRichStatus(absl::OkStatus(), "id").ok());
  const grpc::Status status = ToRichStatus(absl::NotFoundError("no model"), "id");
  google::rpc::Status details;
  ASSERT_TRUE(details.ParseFromString(status.error_details()));
  EXPECT_EQ(details.code(), status.error_code());
  EXPECT_EQ(details.message(), status.error_message());
}

TEST(FieldOf, TakesThePathAMessageBeginsWith) {
  EXPECT_EQ(FieldOf("options.window.combination: unknown value 9"), "options.window.combination");
  EXPECT_EQ(FieldOf("inputs[12]: 600 tokens, at most 512"), "inputs[12]");
  EXPECT_EQ(FieldOf("inputs: at least one text is needed"), "inputs");
  EXPECT_EQ(FieldOf("the request holds 9 texts: too many"), "");
  EXPECT_EQ(FieldOf("no colon"), "");
  EXPECT_EQ(FieldOf(": nothing before it"), "");
  EXPECT_EQ(FieldOf("/path/to/file: is broken"), "");
  EXPECT_EQ(FieldOf(std::string(300, 'a') + ": x"), "");
}

// The page lists every reason with its code and whether it may be tried again.
TEST(Reasons, StandInTheDocumentation) {
  std::ifstream file(VERDICT_SOURCE_DIR "/docs/grpc.md");
  std::stringstream page;
  page << file.rdbuf();
  const std::string text = page.str();
  const std::regex row(R"(\| `([A-Z0-9_]+)` \| ([A-Z_]+) \| ([^|]*) \|)");
  std::map<std::string, std::string> documented;
  for (std::sregex_iterator each(text.begin(), text.end(), row), end; each != end; ++each) {
    documented[(*each)[1]] = std::string((*each)[2]) + ", " + std::string((*each)[3]);
  }
  std::map<std::string, std::string> real;
  for (int i = 0; i <= static_cast<int>(Reason::kInternal); ++i) {
    for (int code = 1; code <= 16; ++code) {
      const absl::Status status = WithReason(absl::Status(static_cast<absl::StatusCode>(code), ""), static_cast<Reason>(i));
      const ReasonTraits& traits = ReasonOf(status);
      if (static_cast<int>(traits.reason) != i) continue;
      const std::string wait = traits.retry ? absl::FormatDuration(traits.retry_after) : "no";
      real[traits.name] = absl::StatusCodeToString(traits.code) + ", " + wait;
    }
  }
  EXPECT_EQ(real.size(), static_cast<size_t>(Reason::kInternal) + 1);
  EXPECT_EQ(documented, real);
}

}  // namespace
}  // namespace verdict
