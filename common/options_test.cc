#include "common/options.h"

#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace verdict {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

// Sets an environment variable for the length of a test.
class ScopedEnvironment {
 public:
  ScopedEnvironment(std::string name, const std::string& value) : name_(std::move(name)) {
    setenv(name_.c_str(), value.c_str(), 1);
  }
  ~ScopedEnvironment() { unsetenv(name_.c_str()); }

 private:
  std::string name_;
};

struct Program {
  OptionParser parser{"program", "Does things.", "1.2.3"};
  int port = 8080;
  std::string directory = "/opt/ml/model";
  std::vector<std::string> listen = {"0.0.0.0:1"};

  Program() {
    parser.Add("port", port, "Port to listen on", {"SAGEMAKER_BIND_TO_PORT"})->check(CLI::Range(0, 65535));
    parser.Add("model-dir", directory, "Where the model is", {"SM_MODEL_DIR"});
    parser.Add("listen", listen, "Addresses");
  }
  OptionParser::Outcome Parse(std::vector<const char*> arguments) {
    arguments.insert(arguments.begin(), "program");
    return parser.Parse(static_cast<int>(arguments.size()), arguments.data());
  }
};

TEST(OptionParser, DefaultsHoldWhenNothingIsSaid) {
  Program program;
  EXPECT_FALSE(program.Parse({}).exit);
  EXPECT_EQ(program.port, 8080);
  EXPECT_EQ(program.directory, "/opt/ml/model");
}

TEST(OptionParser, FlagWinsOverEnvironmentWinsOverFile) {
  const std::string file = testing::TempDir() + "/options_test.toml";
  std::ofstream(file) << "port = 1\nmodel-dir = \"/from/file\"\n";
  const ScopedEnvironment config("VERDICT_CONFIG", file);
  {
    Program program;
    EXPECT_FALSE(program.Parse({}).exit);
    EXPECT_EQ(program.port, 1);
    EXPECT_EQ(program.directory, "/from/file");
  }
  const ScopedEnvironment port("VERDICT_PORT", "2");
  {
    Program program;
    EXPECT_FALSE(program.Parse({}).exit);
    EXPECT_EQ(program.port, 2);
    EXPECT_EQ(program.directory, "/from/file");
  }
  for (const std::vector<const char*>& flags : {std::vector<const char*>{"--port", "3"}, {"--port=3"}}) {
    Program program;
    EXPECT_FALSE(program.Parse(flags).exit);
    EXPECT_EQ(program.port, 3);
  }
}

TEST(OptionParser, OwnNameOfTheEnvironmentWinsOverTheOthers) {
  const ScopedEnvironment other("SAGEMAKER_BIND_TO_PORT", "5");
  {
    Program program;
    EXPECT_FALSE(program.Parse({}).exit);
    EXPECT_EQ(program.port, 5);
  }
  const ScopedEnvironment own("VERDICT_PORT", "6");
  {
    Program program;
    EXPECT_FALSE(program.Parse({}).exit);
    EXPECT_EQ(program.port, 6);
  }
  const ScopedEnvironment empty("VERDICT_PORT", "");  // as compose files leave it
  Program program;
  EXPECT_FALSE(program.Parse({}).exit);
  EXPECT_EQ(program.port, 5);
}

TEST(OptionParser, ListsComeFromRepeatedFlagsOrCommas) {
  {
    Program program;
    EXPECT_FALSE(program.Parse({"--listen", "a:1", "--listen", "unix:/b"}).exit);
    EXPECT_THAT(program.listen, ElementsAre("a:1", "unix:/b"));
  }
  const ScopedEnvironment list("VERDICT_LISTEN", "c:3,d:4");
  Program program;
  EXPECT_FALSE(program.Parse({}).exit);
  EXPECT_THAT(program.listen, ElementsAre("c:3", "d:4"));
}

TEST(OptionParser, SubCommandsAndWhatFollowsTwoDashesAreLeftAlone) {
  const ScopedEnvironment port("VERDICT_PORT", "7");
  Program program;
  CLI::App* serve = program.parser.app().add_subcommand("serve", "Runs both")->fallthrough();
  EXPECT_FALSE(program.Parse({"serve", "--model-dir=/m", "--", "--port=9"}).exit);
  EXPECT_TRUE(serve->parsed());
  EXPECT_EQ(program.port, 7);
  EXPECT_EQ(program.directory, "/m");
  EXPECT_THAT(program.parser.rest(), ElementsAre("--port=9"));
}

TEST(OptionParser, BadValuesAreNamedWithTheirSource) {
  Program flag;
  const auto outcome = flag.Parse({"--port", "many"});
  EXPECT_TRUE(outcome.exit);
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.text, HasSubstr("--port"));

  const ScopedEnvironment environment("SAGEMAKER_BIND_TO_PORT", "70000");
  Program program;
  const auto from_environment = program.Parse({});
  EXPECT_NE(from_environment.exit_code, 0);
  EXPECT_THAT(from_environment.text, HasSubstr("SAGEMAKER_BIND_TO_PORT"));
}

TEST(OptionParser, UnknownFlagsAndUnknownNamesInTheFileAreErrors) {
  Program program;
  const auto outcome = program.Parse({"--prot", "1"});
  EXPECT_NE(outcome.exit_code, 0);
  EXPECT_THAT(outcome.text, HasSubstr("--prot"));

  const std::string file = testing::TempDir() + "/options_test_unknown.toml";
  std::ofstream(file) << "prot = 1\n";
  Program with_file;
  EXPECT_NE(with_file.Parse({"--config", file.c_str()}).exit_code, 0);
  Program missing;
  EXPECT_NE(missing.Parse({"--config", "/nonexistent.toml"}).exit_code, 0);
}

TEST(OptionParser, HelpAndVersionExitWithZero) {
  Program help;
  const auto outcome = help.Parse({"--help"});
  EXPECT_TRUE(outcome.exit);
  EXPECT_EQ(outcome.exit_code, 0);
  EXPECT_THAT(outcome.text, HasSubstr("VERDICT_PORT, SAGEMAKER_BIND_TO_PORT"));
  Program version;
  EXPECT_THAT(version.Parse({"--version"}).text, HasSubstr("program 1.2.3"));
}

TEST(OptionParser, EffectiveTellsValueAndSource) {
  const ScopedEnvironment directory("SM_MODEL_DIR", "/models/a");
  Program program;
  ASSERT_FALSE(program.Parse({"--port", "3"}).exit);
  std::map<std::string, std::string> seen;
  for (const auto& setting : program.parser.Effective()) seen[setting.name] = setting.value + " from " + setting.source;
  EXPECT_EQ(seen["port"], "3 from flag");
  EXPECT_EQ(seen["model-dir"], "/models/a from SM_MODEL_DIR");
  EXPECT_THAT(seen["listen"], HasSubstr("from default"));
}

TEST(OptionParser, TellsTheLogEverythingButSecrets) {
  Program program;
  std::string token;
  program.parser.Add("token", token, "a secret");
  program.parser.MarkSecret("token");
  EXPECT_THAT(program.parser.EffectiveJson(), HasSubstr("\"token\":\"\""));
  std::string url;
  program.parser.Add("url", url, "where a password should not be");
  ASSERT_FALSE(program.Parse({"--port", "3", "--token", "hidden", "--url=http://user:hid/den@hidden@host:1/path"}).exit);
  EXPECT_EQ(token, "hidden");
  EXPECT_EQ(url, "http://user:hid/den@hidden@host:1/path");
  const std::string json = program.parser.EffectiveJson();
  EXPECT_THAT(json, HasSubstr("\"port\":\"3\""));
  EXPECT_THAT(json, HasSubstr("\"token\":\"(secret)\""));
  EXPECT_THAT(json, HasSubstr("\"url\":\"http://(secret)@host:1/path\""));
  EXPECT_THAT(json, testing::Not(HasSubstr("hid")));
  EXPECT_EQ(program.parser.SourcesJson(), "{\"port\":\"flag\",\"token\":\"flag\",\"url\":\"flag\"}");
}

TEST(OptionParser, TellsAChildWhatItDoesNotInherit) {
  const ScopedEnvironment directory("SM_MODEL_DIR", "/models/a");
  Program program;
  std::string token, url;
  program.parser.Add("token", token, "a secret");
  program.parser.MarkSecret("token");
  program.parser.Add("issuer", url, "with an @", {"ISSUER"});
  ASSERT_FALSE(program.Parse({"--port", "3", "--token", "hidden", "--issuer=https://host/team@prod"}).exit);
  const auto variables = program.parser.ForChild([](const std::string& name) { return name != "port"; });
  EXPECT_THAT(variables, testing::ElementsAre(testing::Pair("VERDICT_TOKEN", "hidden"),
                                              testing::Pair("VERDICT_ISSUER", "https://host/team@prod")));
}

}  // namespace
}  // namespace verdict
