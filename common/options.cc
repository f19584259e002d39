#include "common/options.h"

#include <algorithm>
#include <cstdlib>
#include <sstream>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_replace.h"
#include "common/logging.h"

namespace verdict {
namespace {

bool Names(const std::string& argument, const std::string& name) {
  return argument == "--" + name || absl::StartsWith(argument, "--" + name + "=");
}

// A URL may hold a password, where it should not: `http://user:password@host`.
std::string WithoutCredentials(const std::string& value) {
  const size_t scheme = value.find("://");
  if (scheme == std::string::npos) return value;
  const size_t at = value.rfind('@');  // the last: a password may hold others, and slashes
  if (at == std::string::npos || at < scheme) return value;
  return value.substr(0, scheme + 3) + "(secret)" + value.substr(at);
}

bool FromTheEnvironment(const std::string& source) { return source != "default" && source != "flag" && source != "config file"; }

}  // namespace

OptionParser::OptionParser(const std::string& program, const std::string& description, const std::string& version)
    : app_(description, program) {
  app_.set_version_flag("--version", program + " " + version);
  app_.option_defaults()->ignore_case(false);
  app_.get_formatter()->column_width(34);
  // An unknown name in a config file is a typing mistake, and ours to report.
  app_.allow_config_extras(false);
  Remember(app_.set_config("--config", "", "Config file (TOML: flag = value), for settings that are too many for flags"),
           "config", {});
}

CLI::Option* OptionParser::Remember(CLI::Option* option, const std::string& name, std::vector<std::string> others) {
  const std::string own = "VERDICT_" + absl::AsciiStrToUpper(absl::StrReplaceAll(name, {{"-", "_"}}));
  others.insert(others.begin(), own);
  option->description(absl::StrCat(option->get_description(), " [", absl::StrJoin(others, ", "), "]"));
  if (option->get_expected_max() > 1) option->delimiter(',');
  declared_.push_back({option, name, std::move(others)});
  return option;
}

void OptionParser::MarkSecret(const std::string& name) {
  for (Declared& declared : declared_) declared.secret = declared.secret || declared.name == name;
}

std::vector<std::string> OptionParser::FromEnvironment(const std::vector<std::string>& arguments) {
  std::vector<std::string> found;
  for (Declared& declared : declared_) {
    if (std::any_of(arguments.begin(), arguments.end(), [&](const std::string& a) { return Names(a, declared.name); })) {
      declared.source = "flag";
      continue;
    }
    for (const std::string& name : declared.environment) {
      const char* value = std::getenv(name.c_str());
      if (value == nullptr || *value == '\0') continue;
      found.push_back(absl::StrCat("--", declared.name, "=", value));
      declared.source = name;
      break;
    }
  }
  return found;
}

OptionParser::Outcome OptionParser::Parse(int argc, const char* const* argv) {
  std::vector<std::string> arguments(argv + 1, argv + argc);
  const auto dashes = std::find(arguments.begin(), arguments.end(), "--");
  if (dashes != arguments.end()) {
    rest_.assign(dashes + 1, arguments.end());
    arguments.erase(dashes, arguments.end());
  }
  const std::vector<std::string> environment = FromEnvironment(arguments);
  arguments.insert(arguments.begin(), environment.begin(), environment.end());
  std::reverse(arguments.begin(), arguments.end());  // CLI11 takes a vector from its end
  try {
    app_.parse(arguments);
  } catch (const CLI::ParseError& error) {
    std::ostringstream out, err;
    Outcome outcome{.exit = true, .exit_code = app_.exit(error, out, err), .text = {}};
    outcome.text = outcome.exit_code == 0 ? out.str() : err.str();
    for (const Declared& declared : declared_) {  // name the place where the operator wrote the bad value
      if (outcome.exit_code != 0 && FromTheEnvironment(declared.source) &&
          absl::StrContains(outcome.text, "--" + declared.name)) {
        absl::StrAppend(&outcome.text, "(--", declared.name, " was set by the environment variable ", declared.source, ")\n");
      }
    }
    return outcome;
  }
  for (Declared& declared : declared_) {
    if (declared.option->count() > 0 && declared.source == "default") declared.source = "config file";
  }
  return {};
}

std::vector<OptionParser::Setting> OptionParser::Effective() const {
  std::vector<Setting> settings;
  for (const Declared& declared : declared_) {
    std::string value = declared.option->get_default_str();
    if (declared.option->count() > 0) {
      value = declared.secret ? "(secret)" : WithoutCredentials(absl::StrJoin(declared.option->results(), ","));
    }
    settings.push_back({declared.name, std::move(value), declared.source});
  }
  return settings;
}

std::vector<std::pair<std::string, std::string>> OptionParser::ForChild(
    absl::FunctionRef<bool(const std::string& name)> wanted) const {
  std::vector<std::pair<std::string, std::string>> variables;
  for (const Declared& declared : declared_) {
    if (declared.option->count() == 0 || FromTheEnvironment(declared.source) || !wanted(declared.name)) continue;
    variables.emplace_back(declared.environment.front(), absl::StrJoin(declared.option->results(), ","));
  }
  return variables;
}

std::string OptionParser::ToJson(const std::vector<Setting>& settings, std::string Setting::*member) {
  return absl::StrCat("{",
                      absl::StrJoin(settings, ",",
                                    [member](std::string* out, const Setting& setting) {
                                      absl::StrAppend(out, JsonString(setting.name), ":", JsonString(setting.*member));
                                    }),
                      "}");
}

std::string OptionParser::EffectiveJson() const { return ToJson(Effective(), &Setting::value); }

std::string OptionParser::SourcesJson() const {
  std::vector<Setting> set = Effective();
  std::erase_if(set, [](const Setting& setting) { return setting.source == "default"; });
  return ToJson(set, &Setting::source);
}

}  // namespace verdict
