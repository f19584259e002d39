#include "services/classifier/model/safetensors.h"

#include <unistd.h>

#include <cstring>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

namespace fs = std::filesystem;
using testing::ElementsAre;
using testing::HasSubstr;

std::string FileOf(const std::string& header, const std::string& data) {
  std::string file(8, '\0');
  const uint64_t size = header.size();
  std::memcpy(file.data(), &size, sizeof(size));
  return file + header + data;
}

class SafetensorsTest : public testing::Test {
 protected:
  SafetensorsTest() { fs::create_directories(folder_); }
  ~SafetensorsTest() override { fs::remove_all(folder_); }

  fs::path Write(const std::string& name, const std::string& content) {
    std::ofstream(folder_ / name, std::ios::binary) << content;
    return folder_ / name;
  }
  std::string ErrorOf(const std::string& content) {
    const auto weights = Weights::Open(Write("model.safetensors", content));
    EXPECT_EQ(weights.status().code(), absl::StatusCode::kInvalidArgument);
    return std::string(weights.status().message());
  }

  const fs::path folder_ = fs::path(testing::TempDir()) / ("safetensors_" + std::to_string(getpid()));
};

constexpr char kTwo[] = R"({"__metadata__":{"format":"pt"},"b":{"dtype":"F32","shape":[1,2],"data_offsets":[2,10]},)"
                        R"("a":{"dtype":"BF16","shape":[],"data_offsets":[0,2]}} )";

TEST_F(SafetensorsTest, MapsTensorsWithoutCopies) {
  const auto weights = Weights::Open(Write("model.safetensors", FileOf(kTwo, "xyABCDEFGH")));
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(weights->tensors().size(), 2u);
  const TensorView* b = weights->Find("b");
  ASSERT_NE(b, nullptr);
  EXPECT_EQ(b->dtype, "F32");
  EXPECT_THAT(b->shape, ElementsAre(1, 2));
  EXPECT_EQ(std::string(reinterpret_cast<const char*>(b->data), b->bytes), "ABCDEFGH");
  EXPECT_EQ(weights->Find("a")->bytes, 2u);
  EXPECT_EQ(weights->Find("c"), nullptr);
}

TEST_F(SafetensorsTest, ACutOffFileIsNamed) {
  const std::string whole = FileOf(kTwo, "xyABCDEFGH");
  for (size_t size = 0; size < whole.size(); ++size) {
    EXPECT_THAT(ErrorOf(whole.substr(0, size)), HasSubstr("model.safetensors")) << size;
  }
  EXPECT_THAT(ErrorOf(whole.substr(0, whole.size() - 1)),
              HasSubstr("tensor b ends at byte 10 of the data, but the file holds only 9: it is truncated"));
  EXPECT_THAT(ErrorOf(whole.substr(0, 20)), HasSubstr("it is truncated or no safetensors file"));
  EXPECT_THAT(ErrorOf("abc"), HasSubstr("has 3 bytes, too few"));
}

TEST_F(SafetensorsTest, RefusesHostileHeaders) {
  const auto one = [](const std::string& entry) { return FileOf("{\"t\":" + entry + "}", "12345678"); };
  const struct {
    std::string content;
    const char* message;
  } cases[] = {
      {one(R"(3)"), "tensor t is no JSON object"},
      {one(R"({"shape":[2],"data_offsets":[0,8]})"), "tensor t has no dtype"},
      {one(R"({"dtype":"F99","shape":[2],"data_offsets":[0,8]})"), "unknown dtype \"F99\""},
      {one(R"({"dtype":"F32","shape":[-2],"data_offsets":[0,8]})"), "has no proper shape"},
      {one(R"({"dtype":"F32","shape":2,"data_offsets":[0,8]})"), "has no proper shape"},
      {one(R"({"dtype":"F32","shape":[18446744073709551615],"data_offsets":[0,8]})"), "has no proper shape"},
      {one(R"({"dtype":"F32","shape":[4611686018427387906],"data_offsets":[0,8]})"), "has an impossible shape"},
      {one(R"({"dtype":"F32","shape":[4294967296,4294967296],"data_offsets":[0,8]})"), "has an impossible shape"},
      {one(R"({"dtype":"F32","shape":[3],"data_offsets":[0,8]})"), "has 8 bytes, but its dtype and shape ask for 12"},
      {one(R"({"dtype":"F32","shape":[2],"data_offsets":[8,0]})"), "has no proper data_offsets"},
      {one(R"({"dtype":"F32","shape":[2],"data_offsets":[0]})"), "has no proper data_offsets"},
      {one(R"({"dtype":"F32","shape":[2],"data_offsets":[0,8.5]})"), "has no proper data_offsets"},
      {one(R"({"dtype":"F32","shape":[2],"data_offsets":[4,12]})"), "it is truncated"},
      {one(R"({"dtype":"F32","shape":[1],"data_offsets":[4,8]})"), "leaves a gap before it"},
      {one(R"({"dtype":"F32","shape":[1],"data_offsets":[0,4]})"), "4 bytes after the last tensor belong to none"},
      {FileOf(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
              "12345678"),
       "tensor b overlaps"},
      {FileOf(R"({"a":{"dtype":"F32","shape":[1],"data_offsets":[0,4]},"b":{"dtype":"I8","shape":[4],"data_offsets":[0,4]}})",
              "1234"),
       "tensor b overlaps a"},
      {FileOf(R"({"a\nb":{"dtype":"\u001bX"}})", ""), "tensor a b has the unknown dtype \" X\""},
      {FileOf("[]", ""), "holds no JSON object"},
      {FileOf("{\"t\":" + std::string(1000, '{'), ""), "is not valid JSON"},
      {std::string(8, '\xFF') + "{}", "model.safetensors: says that its header has 18446744073709551615 bytes"},
  };
  for (const auto& c : cases) EXPECT_THAT(ErrorOf(c.content), HasSubstr(c.message));
}

TEST_F(SafetensorsTest, RefusesWhatIsNoFile) {
  EXPECT_EQ(Weights::Open(folder_ / "none").status().code(), absl::StatusCode::kNotFound);
  EXPECT_EQ(Weights::Open(folder_).status().code(), absl::StatusCode::kInvalidArgument);
}

TEST_F(SafetensorsTest, ReadsShards) {
  Write("one.safetensors", FileOf(R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "A"));
  Write("two.safetensors", FileOf(R"({"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}})", "B"));
  const auto index = [&](const std::string& map) {
    return Weights::OpenSharded(Write("model.safetensors.index.json", "{\"weight_map\":" + map + "}"));
  };
  const auto weights = index(R"({"a":"one.safetensors","b":"two.safetensors"})");
  ASSERT_TRUE(weights.ok()) << weights.status();
  EXPECT_EQ(static_cast<char>(*weights->Find("a")->data), 'A');
  EXPECT_EQ(static_cast<char>(*weights->Find("b")->data), 'B');

  const struct {
    const char* map;
    const char* message;
  } cases[] = {{R"({"a":"two.safetensors"})", "a: is not in two.safetensors"},
               {R"({"a":"../one.safetensors"})", "is no file of this directory"},
               {R"({"a":""})", "is no file of this directory"},
               {R"({"a":1})", "a: expected a file name"},
               {R"({"a":"three.safetensors"})", "three.safetensors"},
               {R"(3)", "weight_map: expected an object"}};
  for (const auto& c : cases) EXPECT_THAT(std::string(index(c.map).status().message()), HasSubstr(c.message)) << c.map;
}

}  // namespace
}  // namespace verdict
