#pragma once

#include <map>
#include <string>
#include <utility>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/functional/function_ref.h"

namespace verdict {

// The options of a program, each declared once and settable in three ways: `--flag value`, the environment, and a config file
// (`--config FILE` or VERDICT_CONFIG; TOML lines `flag = "value"`). The command line wins over the environment, the environment
// over the file. A list is given by repeating the flag, or with commas in the environment. Owned by main; not thread-safe.
class OptionParser {
 public:
  OptionParser(const std::string& program, const std::string& description, const std::string& version);

  // Declares `--name`, with the environment name VERDICT_<NAME> (upper case, dashes become underscores) and then each of
  // `other_environment`; the first that is set and not empty counts. `value` holds the default and receives the result. `help` is
  // written for the operator: what it does, what it trades, when to change it. Returns CLI11's option, for validators.
  template <typename T>
  CLI::Option* Add(const std::string& name, T& value, const std::string& help, std::vector<std::string> other_environment = {}) {
    CLI::Option* option = app_.add_option("--" + name, value, help)->capture_default_str();
    return Remember(option, name, std::move(other_environment));
  }

  // Of a declared option: its value is shown nowhere.
  void MarkSecret(const std::string& name);

  // For sub commands and other things that are no options.
  CLI::App& app() { return app_; }

  // What to do after Parse.
  struct Outcome {
    bool exit = false;  // --help, --version, or an error
    int exit_code = 0;
    std::string text;  // to print before exiting: to stdout when exit_code is 0, else to stderr
  };
  // Reads the command line, the environment and the config file. Neither throws nor exits.
  Outcome Parse(int argc, const char* const* argv);

  // What stood after `--` on the command line, untouched.
  const std::vector<std::string>& rest() const { return rest_; }

  // Name, value and source ("flag", "NAME" of the environment, "config file", "default") of every option, in order of
  // declaration, to be shown: the value of a secret that is set is "(secret)", and so is that of a password in a URL.
  struct Setting {
    std::string name, value, source;
  };
  std::vector<Setting> Effective() const;
  // The same for the log, as JSON objects by option: every value, and the source of those that are no defaults.
  std::string EffectiveJson() const;
  std::string SourcesJson() const;
  // Those that `wanted` takes by their names and that a program which inherits our environment does not know of, because a flag
  // or the config file has set them: the first name that each has in the environment, and its value, secrets as they are.
  std::vector<std::pair<std::string, std::string>> ForChild(absl::FunctionRef<bool(const std::string& name)> wanted) const;

 private:
  struct Declared {
    CLI::Option* option;
    std::string name;
    std::vector<std::string> environment;
    std::string source = "default";
    bool secret = false;
  };
  CLI::Option* Remember(CLI::Option* option, const std::string& name, std::vector<std::string> others);
  // A member of each setting by the setting's name.
  static std::string ToJson(const std::vector<Setting>& settings, std::string Setting::*member);
  // `--name=value` for each option that the environment sets and the command line does not.
  std::vector<std::string> FromEnvironment(const std::vector<std::string>& arguments);

  CLI::App app_;
  std::vector<Declared> declared_;
  std::vector<std::string> rest_;
};

}  // namespace verdict
