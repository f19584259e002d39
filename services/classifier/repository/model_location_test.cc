#include "services/classifier/repository/model_location.h"

#include "gmock/gmock.h"
#include "tests/support/temp_directory.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;

class ModelLocationTest : public testing::Test {
 protected:
  void Model(const fs::path& below) {
    fs::create_directories(folder_.path() / below);
    folder_.Write((below / "config.json").string(), "{}");
  }
  fs::path Root() const { return fs::canonical(folder_.path()); }
  absl::StatusCode Code(const fs::path& root, const std::string& path) const { return ResolveBelow(root, path).status().code(); }

  TempDirectory folder_;
};

TEST_F(ModelLocationTest, TakesNamesAndDirectories) {
  Model("nested/model");
  const auto models = ParseModels({"a=/models/a", "b=" + (folder_.path() / "nested").string(), "c=x=y"});
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_EQ(models->size(), 3u);
  EXPECT_EQ((*models)[0].name, "a");
  EXPECT_EQ((*models)[0].directory, "/models/a");
  EXPECT_EQ((*models)[1].directory, folder_.path() / "nested/model");
  EXPECT_EQ((*models)[2].directory, "x=y");
  EXPECT_TRUE(ParseModels({})->empty());
}

TEST_F(ModelLocationTest, NamesTheEntryThatIsWrong) {
  const std::string long_name(257, 'n');
  for (const std::string& entry :
       {std::string("a"), std::string("=b"), std::string("a="), std::string("a/b=c"), long_name + "=c"}) {
    const absl::Status status = ParseModels({"good=x", entry}).status();
    EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument) << entry;
    EXPECT_THAT(std::string(status.message()), HasSubstr("--models: \"" + entry.substr(0, 1)));
  }
  EXPECT_THAT(std::string(ParseModels({"a=x", "a=y"}).status().message()), HasSubstr("another model of that name"));
}

TEST_F(ModelLocationTest, FindsTheModelsOfAFolderInOrder) {
  Model("zebra");
  Model("ant/model");
  fs::create_directories(folder_.path() / "no model");
  folder_.Write("config.json", "{}");
  const auto models = FindModels(folder_.path());
  ASSERT_TRUE(models.ok()) << models.status();
  ASSERT_EQ(models->size(), 2u);
  EXPECT_EQ((*models)[0].name, "ant");
  EXPECT_EQ((*models)[0].directory, folder_.path() / "ant/model");
  EXPECT_EQ((*models)[1].name, "zebra");
}

TEST_F(ModelLocationTest, SaysThatAFolderHasNoModels) {
  EXPECT_EQ(FindModels(folder_.path()).status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(FindModels(folder_.path() / "nowhere").status().code(), absl::StatusCode::kNotFound);
}

TEST_F(ModelLocationTest, NamesHaveOneTo256Characters) {
  std::string longest;
  for (int i = 0; i < 256; ++i) longest += "é";
  EXPECT_TRUE(CheckModelName(longest).ok());
  EXPECT_FALSE(CheckModelName(longest + "x").ok());
  EXPECT_FALSE(CheckModelName("").ok());
}

TEST_F(ModelLocationTest, NamesHaveNoCharactersThatCannotBeSeen) {
  for (const std::string& name : {std::string("a\nb"), std::string("a\0b", 3), std::string("a\x7F"), std::string("\u0085"),
                                  std::string("a\u202Eb"), std::string("a\xFF")}) {
    EXPECT_FALSE(CheckModelName(name).ok()) << name;
  }
  for (const char* name : {"org/name", "Größe 2", "模型", "a.b_c-d:e"}) EXPECT_TRUE(CheckModelName(name).ok()) << name;
}

TEST_F(ModelLocationTest, RefusesADirectoryWhoseLinksLeadElsewhere) {
  Model("root/a");
  Model("root/b");
  folder_.Write("secret", "x");
  const fs::path root = folder_.path() / "root";
  fs::create_directories(root / "blobs");
  std::ofstream(root / "blobs/weights") << "x";
  fs::create_symlink("../blobs/weights", root / "a/model.safetensors");  // as the hub's cache has it
  EXPECT_EQ(Code(root, (root / "a").string()), absl::StatusCode::kOk);
  fs::create_symlink(folder_.path() / "secret", root / "b/tokenizer.json");
  EXPECT_EQ(Code(root, (root / "b").string()), absl::StatusCode::kPermissionDenied);
  fs::remove(root / "b/tokenizer.json");
  fs::create_symlink("nowhere", root / "b/vocab.txt");
  EXPECT_EQ(Code(root, (root / "b").string()), absl::StatusCode::kPermissionDenied);
}

TEST_F(ModelLocationTest, ResolvesWhatLiesBelowTheRoot) {
  Model("a/model");
  Model("b");
  fs::create_directory_symlink(folder_.path() / "b", folder_.path() / "link");
  EXPECT_EQ(*ResolveBelow(Root(), (folder_.path() / "a").string()), Root() / "a/model");
  EXPECT_EQ(*ResolveBelow(Root(), (folder_.path() / "a/model/").string()), Root() / "a/model");
  EXPECT_EQ(*ResolveBelow(Root(), (folder_.path() / "a/../b").string()), Root() / "b");
  EXPECT_EQ(*ResolveBelow(Root(), (folder_.path() / "link").string()), Root() / "b");
  EXPECT_EQ(Code(Root(), (folder_.path() / "c").string()), absl::StatusCode::kNotFound);
  EXPECT_EQ(Code(Root(), (folder_.path() / "b/config.json").string()), absl::StatusCode::kNotFound);
}

TEST_F(ModelLocationTest, RefusesWhatLiesElsewhere) {
  Model("root/a");
  Model("outside");
  Model("root-but-longer");
  const fs::path root = folder_.path() / "root";
  fs::create_directory_symlink(folder_.path() / "outside", root / "link");
  fs::create_directories(root / "sub");
  fs::create_directory_symlink(folder_.path() / "outside", root / "sub/model");
  for (const std::string& path :
       {std::string("/"), std::string("/etc"), std::string("/no/such"), root.string(), (root / "../outside").string(),
        (root / "link").string(), (root / "a/../../outside").string(), (folder_.path() / "root-but-longer").string(),
        (root / "sub").string(), (root / "link/nothing").string()}) {
    EXPECT_EQ(Code(root, path), absl::StatusCode::kPermissionDenied) << path;
  }
  for (const std::string& path : {std::string(), std::string("a"), std::string("./root/a"), std::string(5000, '/'),
                                  root.string() + "/a" + std::string(1, '\0') + "/../../outside"}) {
    EXPECT_EQ(Code(root, path), absl::StatusCode::kInvalidArgument) << path;
  }
}

}  // namespace
}  // namespace verdict
