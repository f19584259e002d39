#include "gateway/records/cascade.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

TEST(CascadeStepsTest, AreWrittenInOrderWithWhatTheyHave) {
  std::string out;
  AppendCascadeSteps(out, {{"general", "7", "0", 0.75f, "passed_on_by_label"},
                           {"low_volume", "", "", 0, "not_loaded"},
                           {"", "", "360001", 0.75f, "fallback"}});
  EXPECT_EQ(out, R"([{"model":"general","model_version":"7","label":"0","probability":0.75,"outcome":"passed_on_by_label"},)"
                 R"({"model":"low_volume","outcome":"not_loaded"},{"label":"360001","probability":0.75,"outcome":"fallback"}])");
}

TEST(CascadeStepsTest, NamesAndLabelsAreEscaped) {
  std::string out;
  AppendCascadeSteps(out, {{"a\"b", "1", "\n", 1.5f, "answered"}});
  EXPECT_EQ(out, R"([{"model":"a\"b","model_version":"1","label":"\n","probability":1.0,"outcome":"answered"}])");
}

}  // namespace
}  // namespace verdict
