#include "gateway/records/cascade.h"

#include "gateway/http/json_string.h"
#include "gateway/json/probability.h"

namespace verdict {
namespace {

void AppendMember(std::string& out, std::string_view name, std::string_view value) {
  if (value.empty()) return;
  if (out.back() != '{') out += ',';
  AppendJsonString(out, name);
  out += ':';
  AppendJsonString(out, value);
}

}  // namespace

void AppendCascadeSteps(std::string& out, const std::vector<ClassifyReply::CascadeStep>& steps) {
  out += '[';
  for (const ClassifyReply::CascadeStep& step : steps) {
    if (out.back() != '[') out += ',';
    out += '{';
    AppendMember(out, "model", step.model);
    AppendMember(out, "model_version", step.model_version);
    AppendMember(out, "label", step.label);
    if (!step.label.empty()) {
      out += R"(,"probability":)";
      AppendProbability(out, step.score);
    }
    AppendMember(out, "outcome", step.outcome);
    out += '}';
  }
  out += ']';
}

}  // namespace verdict
