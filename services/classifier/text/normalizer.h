#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace verdict {

// One step, or several, that rewrites text before it is split into words. Immutable, so thread-safe.
class Normalizer {
 public:
  virtual ~Normalizer() = default;

  // Replaces `out` by the normal form of `text`, which is well-formed UTF-8 and does not point into `out`; the result is, too.
  virtual void Normalize(std::string_view text, std::string& out) const = 0;

  // What it does, for people, in the words of tokenizer.json.
  virtual std::string Describe() const = 0;
};

using Normalizers = std::vector<std::unique_ptr<const Normalizer>>;

// Leaves text as it is without steps, is the step itself when there is one, and applies several in order.
class SequenceNormalizer : public Normalizer {
 public:
  explicit SequenceNormalizer(Normalizers steps) : steps_(std::move(steps)) {}

  void Normalize(std::string_view text, std::string& out) const override {
    if (steps_.empty()) {
      out.assign(text);
      return;
    }
    steps_.front()->Normalize(text, out);
    std::string input;
    for (size_t i = 1; i < steps_.size(); ++i) {
      input.swap(out);
      steps_[i]->Normalize(input, out);
    }
  }

  std::string Describe() const override {
    std::string all;
    for (const auto& step : steps_) all += (all.empty() ? "" : ", ") + step->Describe();
    return all;
  }

 private:
  Normalizers steps_;
};

}  // namespace verdict
