#include "services/classifier/model_plan.h"

#include <filesystem>

#include "gmock/gmock.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

using testing::HasSubstr;

std::string ErrorOf(const ServiceOptions& options, const std::optional<Cascade>& cascade = std::nullopt) {
  const auto plan = PlanModels(options, cascade);
  EXPECT_EQ(plan.status().code(), absl::StatusCode::kInvalidArgument);
  return std::string(plan.status().message());
}

TEST(PlanModels, OneModelAsEver) {
  ServiceOptions options;
  options.model_dir = "/m";
  options.model_name = "tickets";
  const auto plan = PlanModels(options, std::nullopt);
  ASSERT_TRUE(plan.ok()) << plan.status();
  ASSERT_EQ(plan->models.size(), 1u);
  EXPECT_EQ(plan->models[0].name, "tickets");
  EXPECT_EQ(plan->models[0].directory, "/m");
  EXPECT_EQ(plan->default_model, "tickets");
}

TEST(PlanModels, SeveralAndTheFirstIsTheDefault) {
  const TempDirectory folder;
  std::filesystem::create_directories(folder.path() / "b");
  folder.Write("b/config.json", "{}");
  ServiceOptions options;
  options.models = {"a=/a"};
  options.models_dir = folder.path().string();
  const auto plan = PlanModels(options, std::nullopt);
  ASSERT_EQ(plan->models.size(), 2u);
  EXPECT_EQ(plan->default_model, "a");
  options.default_model = "b";
  EXPECT_EQ(PlanModels(options, std::nullopt)->default_model, "b");
  options.default_model = "c";
  EXPECT_THAT(ErrorOf(options), HasSubstr("--default-model: no model is named \"c\""));
  options.default_model = "";
  options.models = {"b=/a"};
  EXPECT_THAT(ErrorOf(options), HasSubstr("two models are named \"b\""));
  options.models_dir = "/no/such/folder";
  EXPECT_EQ(PlanModels(options, std::nullopt).status().code(), absl::StatusCode::kNotFound);
}

TEST(PlanModels, MultiModelStartsWithNone) {
  ServiceOptions options;
  options.multi_model = true;
  EXPECT_TRUE(PlanModels(options, std::nullopt)->models.empty());
  options.default_model = "later";
  EXPECT_EQ(PlanModels(options, std::nullopt)->default_model, "later");
  options.verify_at_load = "golden.jsonl";
  EXPECT_THAT(ErrorOf(options), HasSubstr("--verify-at-load"));
}

TEST(PlanModels, ACascadeIsTheDefaultUnlessAnotherIs) {
  const Cascade cascade{
      .name = "router", .steps = {{.model = "a", .pass_on_labels = {}, .pass_on_below = {}}}, .fallback_label = {}};
  ServiceOptions options;
  options.models = {"a=/a", "b=/b"};
  EXPECT_EQ(PlanModels(options, cascade)->default_model, "");
  EXPECT_TRUE(CascadeIsDefault(options, cascade));
  options.default_model = "router";
  EXPECT_EQ(PlanModels(options, cascade)->default_model, "");
  options.default_model = "b";
  EXPECT_EQ(PlanModels(options, cascade)->default_model, "b");
  EXPECT_FALSE(CascadeIsDefault(options, cascade));
}

TEST(PlanModels, ACascadeNeedsAModelAndANameOfItsOwn) {
  const Cascade cascade{
      .name = "router", .steps = {{.model = "a", .pass_on_labels = {}, .pass_on_below = {}}}, .fallback_label = {}};
  ServiceOptions options;
  options.models = {"b=/b"};
  EXPECT_THAT(ErrorOf(options, cascade), HasSubstr("\"router\": none of its models is served here"));
  options.models = {"a=/a", "router=/r"};
  EXPECT_THAT(ErrorOf(options, cascade), HasSubstr("\"router\" is the name of a model"));
}

}  // namespace
}  // namespace verdict
