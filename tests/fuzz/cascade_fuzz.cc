// The declaration of a cascade.
#include <string>

#include "common/utf8.h"
#include "services/classifier/routing/cascade_config.h"
#include "tests/fuzz/fuzz_target.h"

namespace verdict {

void Fuzz(std::string_view bytes) {
  if (!bytes.starts_with('{')) return;  // it would be the name of a file
  const auto cascade = ReadCascade(std::string(bytes));
  if (!cascade.ok()) {
    Expect(cascade.status().message().find('\n') == std::string_view::npos, "an error is one line");
    return;
  }
  Expect(!cascade->name.empty() && !cascade->steps.empty(), "a cascade has a name and steps");
  for (const Cascade::Step& step : cascade->steps) {
    Expect(!step.model.empty() && step.model != cascade->name, "a step names another model");
    const double below = step.pass_on_below.value_or(0);
    Expect(below >= 0 && below <= 1, "a threshold is a probability");
    for (const std::string& label : step.pass_on_labels) Expect(!FindInvalidUtf8(label), "a label is text");
  }
}

}  // namespace verdict
