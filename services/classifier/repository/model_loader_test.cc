#include "services/classifier/repository/model_loader.h"

#include <fstream>
#include <future>

#include "gmock/gmock.h"
#include "tests/support/temp_directory.h"
#include "tests/support/thread_limit.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;
using absl::StatusCode;
using testing::HasSubstr;

// On copies of the demo model.
class ModelLoaderTest : public testing::Test {
 protected:
  ModelLoaderTest() { repository_.Expect("", {}); }

  std::string Copy(const std::string& name) {
    const fs::path to = root_.path() / name / "model";
    fs::create_directories(to);
    for (const auto& file : fs::directory_iterator(fs::path(VERDICT_SOURCE_DIR) / "models/demo")) {
      fs::copy_file(file.path(), to / file.path().filename());
    }
    return (root_.path() / name).string();
  }
  ModelLoader::Options Options() const {
    ModelLoader::Options options;
    options.engine.threads = 1;
    options.on_request = on_request_;
    options.models_root = root_.path();
    return options;
  }
  // One call at a time.
  absl::StatusOr<ModelInfo> Load(ModelLoader& loader, const std::string& name, const std::string& path) {
    std::promise<absl::StatusOr<ModelInfo>> answer;
    loader.Load(name, path, [&](absl::StatusOr<ModelInfo> info) { answer.set_value(std::move(info)); });
    return answer.get_future().get();
  }
  absl::Status Unload(ModelLoader& loader, const std::string& name) {
    std::promise<absl::Status> answer;
    loader.Unload(name, [&](absl::Status status) { answer.set_value(std::move(status)); });
    return answer.get_future().get();
  }
  absl::StatusOr<ClassifyResponse> Classify(const std::string& model) {
    std::promise<absl::StatusOr<ClassifyResponse>> answer;
    repository_.Classify({.model = model, .model_version = {}, .inputs = {{"my card is lost", std::nullopt}}, .options = {}}, {},
                         [&](absl::StatusOr<ClassifyResponse> response) { answer.set_value(std::move(response)); });
    return answer.get_future().get();
  }

  bool on_request_ = true;
  TempDirectory root_;
  Admission admission_{Admission::Limits{}};
  ModelRepository repository_{{"router"}};
  MemoryState memory_{.limit = int64_t{1} << 40, .used = 0};
  MemoryBudget budget_{[this] { return memory_; }};
};

TEST_F(ModelLoaderTest, LoadsServesAndUnloads) {
  ModelLoader loader({repository_, admission_, budget_}, Options());
  const auto info = Load(loader, "mood", Copy("a"));
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->name, "mood");
  EXPECT_EQ(info->path, (fs::canonical(root_.path()) / "a/model").string());
  EXPECT_GT(info->memory_bytes, 3'000'000);
  EXPECT_EQ(Classify("mood")->model, "mood");
  EXPECT_EQ(Load(loader, "mood", Copy("b")).status().code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(Load(loader, "second", (root_.path() / "b").string()).ok());
  EXPECT_TRUE(Unload(loader, "mood").ok());
  EXPECT_EQ(Classify("mood").status().code(), StatusCode::kNotFound);
  EXPECT_EQ(Unload(loader, "mood").code(), StatusCode::kNotFound);
  EXPECT_TRUE(Load(loader, "mood", (root_.path() / "b").string()).ok());
}

TEST_F(ModelLoaderTest, EveryMistakeHasItsCodeAndGivesTheNameBack) {
  ModelLoader loader({repository_, admission_, budget_}, Options());
  fs::create_directories(root_.path() / "empty");
  fs::create_directories(root_.path() / "odd");
  const std::string broken = Copy("broken");
  fs::remove(fs::path(broken) / "model/tokenizer.json");
  root_.Write("broken/model/tokenizer.json", "{");
  EXPECT_EQ(Load(loader, "", broken).status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Load(loader, "m", "relative").status().code(), StatusCode::kInvalidArgument);
  EXPECT_EQ(Load(loader, "m", "/etc").status().code(), StatusCode::kPermissionDenied);
  EXPECT_EQ(Load(loader, "m", (root_.path() / "nothing").string()).status().code(), StatusCode::kNotFound);
  const absl::Status empty = Load(loader, "m", (root_.path() / "empty").string()).status();
  EXPECT_EQ(empty.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(empty.message()), HasSubstr("config.json"));
  EXPECT_THAT(std::string(empty.message()), testing::StartsWith("path: "));
  const absl::Status damaged = Load(loader, "m", broken).status();
  EXPECT_EQ(damaged.code(), StatusCode::kInvalidArgument);
  EXPECT_THAT(std::string(damaged.message()), HasSubstr("tokenizer.json"));
  root_.Write("odd/config.json", R"({"model_type": "bert", "id2label": {"0": "a"}, "hidden_size": "wide"})");
  EXPECT_THAT(std::string(Load(loader, "m", (root_.path() / "odd").string()).status().message()), testing::StartsWith("path: "));
  EXPECT_EQ(Load(loader, "router", Copy("a")).status().code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(Load(loader, "m", (root_.path() / "a").string()).ok());
}

TEST_F(ModelLoaderTest, RefusesOnRequestUnlessItIsAllowed) {
  on_request_ = false;
  ModelLoader loader({repository_, admission_, budget_}, Options());
  const std::string path = Copy("a");
  EXPECT_EQ(Load(loader, "m", path).status().code(), StatusCode::kPermissionDenied);
  EXPECT_TRUE(loader.LoadNow({"m", fs::path(path) / "model"}).ok());
  EXPECT_EQ(Unload(loader, "m").code(), StatusCode::kPermissionDenied);
  EXPECT_TRUE(Classify("m").ok());
}

TEST_F(ModelLoaderTest, ACallersLoadDoesNotEndTheStart) {
  repository_.Expect("m", {"m"});
  ModelLoader loader({repository_, admission_, budget_}, Options());
  const std::string path = Copy("a");
  EXPECT_EQ(Load(loader, "m", path).status().code(), StatusCode::kAlreadyExists);
  EXPECT_TRUE(loader.LoadNow({"m", fs::path(path) / "model"}).ok());
}

TEST_F(ModelLoaderTest, WhatDoesNotFitIsRefusedUntilAnotherGoes) {
  ModelLoader loader({repository_, admission_, budget_}, Options());
  const auto first = Load(loader, "0", Copy("0"));
  ASSERT_TRUE(first.ok());
  memory_.limit = first->memory_bytes * 4;  // a part of it is kept free, and loading takes more than the model
  int loaded = 1;
  absl::Status refused;
  while (refused.ok()) {
    refused = Load(loader, std::to_string(loaded), Copy(std::to_string(loaded))).status();
    if (refused.ok()) ++loaded;
    ASSERT_LT(loaded, 5);
  }
  EXPECT_EQ(refused.code(), StatusCode::kResourceExhausted) << refused;
  EXPECT_GE(loaded, 2);
  EXPECT_EQ(repository_.List().size(), static_cast<size_t>(loaded));
  ASSERT_TRUE(Unload(loader, "0").ok());
  EXPECT_TRUE(Load(loader, "again", (root_.path() / "0").string()).ok());
}

TEST_F(ModelLoaderTest, AModelOfTheStartIsOnlyWarnedOf) {
  memory_.limit = 1000;
  ModelLoader loader({repository_, admission_, budget_}, Options());
  EXPECT_TRUE(loader.LoadNow({"m", fs::path(Copy("a")) / "model"}).ok());
  EXPECT_EQ(loader.LoadNow({"m", fs::path(Copy("b")) / "model"}).code(), StatusCode::kAlreadyExists);
}

TEST_F(ModelLoaderTest, WithoutThreadsAModelIsNotLoadedAndNothingElseEnds) {
  ModelLoader::Options options = Options();
  options.engine.threads = 4;
  ModelLoader loader({repository_, admission_, budget_}, options);
  const fs::path path = fs::path(Copy("a")) / "model";
  for (const int threads : {0, 2, 5}) {
    const ThreadLimit limit(threads);
    const absl::Status status = loader.LoadNow({"m", path});
    EXPECT_EQ(status.code(), StatusCode::kResourceExhausted) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("threads"));
  }
  EXPECT_TRUE(loader.LoadNow({"m", path}).ok());
}

TEST_F(ModelLoaderTest, ManyLoadsAtOnce) {
  ModelLoader loader({repository_, admission_, budget_}, Options());
  std::vector<std::promise<absl::Status>> answers(6);
  for (size_t i = 0; i < answers.size(); ++i) {
    loader.Load("m" + std::to_string(i / 2), Copy(std::to_string(i)),
                [&answers, i](absl::StatusOr<ModelInfo> info) { answers[i].set_value(info.status()); });
  }
  int loaded = 0;
  for (auto& answer : answers) {
    const absl::Status status = answer.get_future().get();
    EXPECT_TRUE(status.ok() || status.code() == StatusCode::kAlreadyExists) << status;
    loaded += status.ok() ? 1 : 0;
  }
  EXPECT_EQ(loaded, 3);
}

TEST_F(ModelLoaderTest, RefusesOnceClosed) {
  ModelLoader loader({repository_, admission_, budget_}, Options());
  loader.Close();
  EXPECT_EQ(Load(loader, "m", Copy("a")).status().code(), StatusCode::kUnavailable);
  EXPECT_EQ(Unload(loader, "m").code(), StatusCode::kUnavailable);
}

}  // namespace
}  // namespace verdict
