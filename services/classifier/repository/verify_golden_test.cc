#include "services/classifier/repository/verify_golden.h"

#include <fstream>
#include <sstream>

#include "gmock/gmock.h"
#include "tests/support/fake_backend.h"
#include "tests/support/fake_tokenizer.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using ::testing::HasSubstr;

class VerifyGoldenTest : public ::testing::Test {
 protected:
  VerifyGoldenTest() {
    parts_.info.labels = {"low", "high"};
    parts_.info.max_tokens = 10;
    parts_.function_to_apply = FunctionToApply::kNone;
    parts_.tokenizer = std::make_unique<FakeTokenizer>();
    parts_.backend = std::make_unique<FakeBackend>();
  }

  VerifyReport Verify(const std::string& lines) {
    std::istringstream in(lines);
    const auto report = VerifyGolden(parts_, in);
    EXPECT_TRUE(report.ok()) << report.status();
    return report.value_or(VerifyReport());
  }
  std::string Write(const std::string& lines) {
    const auto path = folder_.path() / "golden.jsonl";
    std::ofstream(path) << lines;
    return path.string();
  }

  TempDirectory folder_;
  ModelClassifier::Parts parts_;
};

// The fake's ids of "A" are 1 65 2, and its logits their sum and twice that.
constexpr char kRight[] = R"({"text":"A","ids":[1,65,2],"label":"high","top":[[1,136],[0,68]]})"
                          "\n";

TEST_F(VerifyGoldenTest, PassesWhatIsAsRecorded) {
  const VerifyReport report = Verify(kRight);
  EXPECT_TRUE(report.passed()) << Describe(report);
  EXPECT_EQ(report.texts, 1);
  EXPECT_EQ(report.max_difference, 0);
}

TEST_F(VerifyGoldenTest, CountsEachKindOfDifference) {
  const VerifyReport report = Verify(std::string(kRight) + R"({"text":"A","ids":[1,66,2],"label":"high","top":[[1,136]]})"
                                                           "\n"
                                                           R"({"text":"A","ids":[1,65,2],"label":"low","top":[[1,136.5]]})"
                                                           "\n");
  EXPECT_FALSE(report.passed());
  EXPECT_EQ(report.texts, 3);
  EXPECT_EQ(report.different_ids, 1);
  EXPECT_EQ(report.different_labels, 1);
  EXPECT_EQ(report.max_difference, 0.5);
  EXPECT_THAT(Describe(report), HasSubstr("text 3: label \"high\", golden \"low\""));
}

TEST_F(VerifyGoldenTest, HalfPrecisionMayMissALittleAndTurnNearTies) {
  parts_.info.precision = "bf16";
  const auto golden = [](const char* label, const char* top) {
    return std::string(R"({"text":"A","ids":[1,65,2],"label":")") + label + R"(","top":)" + top + "}\n";
  };
  EXPECT_TRUE(Verify(golden("high", "[[1,136.03]]")).passed());
  EXPECT_FALSE(Verify(golden("high", "[[1,136.05]]")).passed());
  EXPECT_TRUE(Verify(golden("low", "[[1,136.02],[1,135.98]]")).passed());
  EXPECT_FALSE(Verify(golden("low", "[[1,136.03],[1,135.97]]")).passed());
}

TEST_F(VerifyGoldenTest, RequiringNamesFileAndDifference) {
  EXPECT_TRUE(RequireGoldenAnswers(parts_, Write(kRight)).ok());
  const absl::Status changed = RequireGoldenAnswers(parts_, Write(R"({"text":"A","ids":[1,65,2],"label":"low","top":[]})"
                                                                  "\n"));
  EXPECT_EQ(changed.code(), absl::StatusCode::kFailedPrecondition);
  EXPECT_THAT(std::string(changed.message()), HasSubstr("golden.jsonl: the model's answers have changed: of 1 texts"));
  EXPECT_THAT(std::string(changed.message()), HasSubstr("label \"high\", golden \"low\""));
  EXPECT_EQ(RequireGoldenAnswers(parts_, "/no/such/file").code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(RequireGoldenAnswers(parts_, Write("{}\n")).message()), HasSubstr("line 1"));
}

}  // namespace
}  // namespace verdict
