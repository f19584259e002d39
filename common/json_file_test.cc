#include "common/json_file.h"

#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::HasSubstr;

JsonFile Parsed(std::string_view text) {
  auto file = JsonFile::Parse("config.json", text);
  EXPECT_TRUE(file.ok()) << file.status();
  return *std::move(file);
}

std::string Message(const absl::Status& status) {
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  return std::string(status.message());
}

TEST(JsonFile, GivesTypedMembers) {
  const JsonFile file = Parsed(R"({"i": 12, "whole": 3.0, "e": 1e-12, "s": "gelu", "b": true, "n": null})");
  EXPECT_EQ(*file.Integer("i", 1, 100), 12);
  EXPECT_EQ(*file.Integer("whole", 1, 100), 3);
  EXPECT_EQ(*file.Number("e", 0, 1), 1e-12);
  EXPECT_EQ(*file.Number("i", 0, 100), 12.0);
  EXPECT_EQ(*file.String("s"), "gelu");
  EXPECT_TRUE(*file.Boolean("b", false));
}

TEST(JsonFile, FallsBackWhenAMemberIsAbsentOrNull) {
  const JsonFile file = Parsed(R"({"n": null})");
  for (const char* member : {"n", "absent"}) {
    EXPECT_EQ(file.Find(member), nullptr);
    EXPECT_EQ(*file.Integer(member, 1, 9, 5), 5);
    EXPECT_EQ(*file.Number(member, 0, 1, 0.5), 0.5);
    EXPECT_EQ(*file.String(member, "x"), "x");
    EXPECT_TRUE(*file.Boolean(member, true));
  }
}

TEST(JsonFile, NamesFileMemberAndWhatWasFound) {
  const JsonFile file = Parsed(R"({"s": "x", "i": 70, "f": 1.5, "big": 1e300, "none": 0e400})");
  EXPECT_EQ(Message(file.Integer("s", 1, 64).status()), "config.json: s: expected an integer between 1 and 64, found \"x\"");
  EXPECT_EQ(Message(file.Integer("i", 1, 64).status()), "config.json: i: expected an integer between 1 and 64, found 70");
  EXPECT_THAT(Message(file.Integer("f", 1, 64).status()), HasSubstr("found 1.5E0"));
  EXPECT_THAT(Message(file.Integer("big", 1, 64).status()), HasSubstr("big: expected an integer"));
  EXPECT_THAT(Message(file.Integer("none", 1, 64).status()), HasSubstr("none: expected an integer"));
  EXPECT_EQ(Message(file.Integer("hidden_size", 1, 64).status()),
            "config.json: hidden_size: is missing (expected an integer between 1 and 64)");
  EXPECT_THAT(Message(file.Number("s", 0, 1).status()), HasSubstr("s: expected a number"));
  EXPECT_THAT(Message(file.Number("i", 0, 1).status()), HasSubstr("i: expected a number"));
  EXPECT_THAT(Message(file.String("i").status()), HasSubstr("i: expected a string"));
  EXPECT_THAT(Message(file.Boolean("i", true).status()), HasSubstr("i: expected true or false"));
}

TEST(JsonFile, AnErrorIsOneLineOfReadableLength) {
  const JsonFile file = Parsed("{}");
  EXPECT_EQ(Message(file.Error("a\nb",
                               "c\x1b\x7f"
                               "d")),
            "config.json: a b: c  d");
  const std::string message = Message(file.Error("member", std::string(599, 'x') + "\xC3\xA9" + std::string(1000000, 'y')));
  EXPECT_THAT(message, testing::EndsWith("xxx…"));
  EXPECT_LT(message.size(), 700u);
}

TEST(JsonFile, RefusesWhatIsNoJsonObject) {
  const struct {
    std::string text;
    const char* message;
  } cases[] = {{"", "config.json: the file is empty"},
               {"[1]", "config.json: holds no JSON object"},
               {"{\"a\": 1", "config.json: is not valid JSON"},
               {"{\n  \"a\": tru\n}", "line 2, column"},
               {"{} {}", "config.json: is not valid JSON"},
               {"{\"a\": \"\xFF\"}", "config.json: is not valid JSON"},
               {"{\"a\": \"\\ud800\"}", "config.json: is not valid JSON"},
               {"{\"a\":" + std::string(100000, '['), "config.json: is not valid JSON"}};
  for (const auto& c : cases) {
    const auto file = JsonFile::Parse("config.json", c.text);
    ASSERT_FALSE(file.ok()) << c.text.substr(0, 20);
    EXPECT_THAT(Message(file.status()), HasSubstr(c.message));
  }
}

TEST(ReadFile, SaysWhatIsWrongWithAFile) {
  const std::filesystem::path folder = testing::TempDir();
  const auto missing = ReadFile(folder / "missing.json", 10);
  EXPECT_EQ(missing.status().code(), absl::StatusCode::kNotFound);
  EXPECT_THAT(std::string(missing.status().message()), HasSubstr("missing.json: No such file"));
  EXPECT_THAT(Message(ReadFile(folder, 10).status()), HasSubstr("no regular file"));
  std::ofstream(folder / "large.json") << "0123456789a";
  EXPECT_THAT(Message(ReadFile(folder / "large.json", 10).status()), HasSubstr("has 11 bytes"));
  EXPECT_EQ(*ReadFile(folder / "large.json", 11), "0123456789a");
}

}  // namespace
}  // namespace verdict
