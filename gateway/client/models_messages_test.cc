#include "gateway/client/models_messages.h"

#include "gmock/gmock.h"

namespace verdict {
namespace {

using ::testing::ElementsAre;

TEST(ModelsMessagesTest, QuestionsKeepTheirParts) {
  const ModelsQuery query{.kind = ModelsQuery::Kind::kLoad, .name = "a", .version = "7", .path = "/opt/ml/models/a/model"};
  EXPECT_EQ(ToGetModel(query).name(), "a");
  EXPECT_EQ(ToGetModel(query).version(), "7");
  EXPECT_EQ(ToLoadModel(query).name(), "a");
  EXPECT_EQ(ToLoadModel(query).path(), "/opt/ml/models/a/model");
  EXPECT_EQ(ToUnloadModel(query).name(), "a");
}

TEST(ModelsMessagesTest, ADescriptionKeepsItsParts) {
  v1::ListModelsResponse response;
  v1::Model& model = *response.add_models();
  model.set_name("tickets");
  model.set_version("3");
  model.set_is_default(true);
  model.set_architecture("bert");
  model.set_backend("native");
  model.add_labels("no");
  model.add_labels("yes");
  model.set_max_tokens(512);
  model.set_default_function_to_apply("softmax");
  model.set_precision("bf16");
  model.set_parameters(42);
  model.mutable_loaded_at()->set_seconds(1'700'000'000);
  model.mutable_loaded_at()->set_nanos(5000);
  model.set_path("/models/tickets");
  model.set_memory_bytes(1 << 20);
  response.add_models()->set_name("other");
  const auto models = FromMessage(response);
  ASSERT_EQ(models.size(), 2u);
  EXPECT_EQ(models[0].name, "tickets");
  EXPECT_EQ(models[0].version, "3");
  EXPECT_TRUE(models[0].is_default);
  EXPECT_EQ(models[0].architecture, "bert");
  EXPECT_EQ(models[0].backend, "native");
  EXPECT_THAT(models[0].labels, ElementsAre("no", "yes"));
  EXPECT_EQ(models[0].max_tokens, 512);
  EXPECT_EQ(models[0].default_function_to_apply, "softmax");
  EXPECT_EQ(models[0].precision, "bf16");
  EXPECT_EQ(models[0].parameters, 42);
  EXPECT_EQ(models[0].loaded_at, absl::FromUnixMicros(1'700'000'000'000'005));
  EXPECT_EQ(models[0].path, "/models/tickets");
  EXPECT_EQ(models[0].memory_bytes, 1 << 20);
  EXPECT_EQ(models[1].name, "other");
  EXPECT_FALSE(models[1].is_default);
}

}  // namespace
}  // namespace verdict
