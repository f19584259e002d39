#include "services/classifier/routing/cascade_config.h"

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

constexpr char kRouter[] = R"({"name": "router", "fallback_label": 360001, "steps": [
  {"model": "general", "pass_on_labels": ["0", 17, -3, 18446744073709551615], "pass_on_below": 0.3}, {"model": "low_volume"}]})";

TEST(ReadCascade, TakesEveryMember) {
  const auto cascade = ReadCascade(kRouter);
  ASSERT_TRUE(cascade.ok()) << cascade.status();
  EXPECT_EQ(cascade->name, "router");
  EXPECT_EQ(cascade->fallback_label, "360001");
  ASSERT_EQ(cascade->steps.size(), 2u);
  EXPECT_EQ(cascade->steps[0].model, "general");
  EXPECT_THAT(cascade->steps[0].pass_on_labels, ElementsAre("-3", "0", "17", "18446744073709551615"));
  EXPECT_EQ(cascade->steps[0].pass_on_below, 0.3);
  EXPECT_EQ(cascade->steps[1].model, "low_volume");
  EXPECT_TRUE(cascade->steps[1].pass_on_labels.empty());
  EXPECT_EQ(cascade->steps[1].pass_on_below, std::nullopt);
}

TEST(ReadCascade, ReadsAFile) {
  const TempDirectory folder;
  folder.Write("cascade.json", kRouter);
  EXPECT_EQ(ReadCascade((folder.path() / "cascade.json").string())->name, "router");
  const absl::Status missing = ReadCascade((folder.path() / "no.json").string()).status();
  EXPECT_EQ(missing.code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.message()), HasSubstr("no.json"));
  folder.Write("cascade.json", "{");
  EXPECT_THAT(std::string(ReadCascade((folder.path() / "cascade.json").string()).status().message()), HasSubstr("cascade.json"));
}

TEST(ReadCascade, TheFallbackIsALabelOrAbsent) {
  EXPECT_EQ(ReadCascade(R"({"name":"r","steps":[{"model":"a"}]})")->fallback_label, std::nullopt);
  EXPECT_EQ(ReadCascade(R"({"name":"r","steps":[{"model":"a"}],"fallback_label":"other"})")->fallback_label, "other");
}

TEST(ReadCascade, SaysWhatIsWrongAndWhere) {
  const std::string long_name(257, 'x');
  const struct {
    std::string declaration;
    const char* message;
  } cases[] = {
      {R"({"steps":[{"model":"a"}]})", "cascade: name: expected a string of 1 to 256 bytes"},
      {R"({"name":"","steps":[{"model":"a"}]})", "cascade: name: expected"},
      {absl::StrCat(R"({"name":")", long_name, R"(","steps":[{"model":"a"}]})"), "cascade: name: expected"},
      {R"({"name":"r"})", "cascade: steps: expected a list of 1 to 16 steps"},
      {R"({"name":"r","steps":[]})", "cascade: steps: expected a list"},
      {R"({"name":"r","steps":{"model":"a"}})", "cascade: steps: expected a list"},
      {R"({"name":"r","steps":["a"]})", "cascade: steps[0]: expected an object"},
      {R"({"name":"r","steps":[{"model":"a"},{}]})", "cascade: steps[1]: model: expected a string"},
      {R"({"name":"r","steps":[{"model":"r"}]})", "cascade: steps[0]: model: \"r\" is the cascade itself"},
      {R"({"name":"r","steps":[{"model":"a"},{"model":"a"}]})",
       "cascade: steps[1]: model: \"a\" is the model of an earlier step"},
      {R"({"name":"r","steps":[{"model":"a","below":1}]})", "cascade: steps[0]: unknown member \"below\""},
      {R"({"a\nb":1})", "cascade: unknown member \"a b\""},
      {R"({"name":"r","steps":[{"model":"a"}],"fallback":1})", "cascade: unknown member \"fallback\""},
      {R"({"name":"r","steps":[{"model":"a","pass_on_below":1.5}]})",
       "steps[0]: pass_on_below: expected a number between 0 and 1"},
      {R"({"name":"r","steps":[{"model":"a","pass_on_below":-0.1}]})", "steps[0]: pass_on_below: expected a number"},
      {R"({"name":"r","steps":[{"model":"a","pass_on_below":"0.1"}]})", "steps[0]: pass_on_below: expected a number"},
      {R"({"name":"r","steps":[{"model":"a","pass_on_labels":"0"}]})", "steps[0]: pass_on_labels: expected a list"},
      {R"({"name":"r","steps":[{"model":"a","pass_on_labels":["0",1.5]}]})", "steps[0]: pass_on_labels[1]: expected a label"},
      {R"({"name":"r","steps":[{"model":"a"}],"fallback_label":1.5})", "cascade: fallback_label: expected a label"},
      {R"({"name":"r","steps":[{"model":"a"}],"fallback_label":""})", "cascade: fallback_label: expected a label"},
      {R"( {"name":)", "cascade"},
  };
  for (const auto& c : cases) {
    const absl::Status status = ReadCascade(c.declaration).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << c.declaration;
    EXPECT_THAT(std::string(status.message()), HasSubstr(c.message));
  }
}

}  // namespace
}  // namespace verdict
