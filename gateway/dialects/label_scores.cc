#include "gateway/dialects/label_scores.h"

#include "gateway/http/json_string.h"
#include "gateway/json/score.h"

namespace verdict {

void AppendLabelScore(std::string& out, const ClassifyReply::Label& label) {
  out += R"({"label":)";
  AppendJsonString(out, label.label);
  out += R"(,"score":)";
  AppendScore(out, label.score);
  out += '}';
}

void AppendLabelScores(std::string& out, const std::vector<ClassifyReply::Label>& labels) {
  out += '[';
  for (const ClassifyReply::Label& label : labels) {
    if (out.back() != '[') out += ',';
    AppendLabelScore(out, label);
  }
  out += ']';
}

}  // namespace verdict
