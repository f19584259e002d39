#include "services/classifier/repository/load_checked_model.h"

#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/logging.h"
#include "services/classifier/repository/verify_golden.h"

namespace verdict {
namespace {

constexpr int kTrialTexts = 256;

std::string GoldenFile(const std::filesystem::path& directory, const std::string& golden) {
  if (!golden.empty()) return golden;
  std::error_code error;
  const auto beside = directory / "golden.jsonl";
  return std::filesystem::exists(beside, error) ? beside.string() : "";
}

}  // namespace

absl::StatusOr<ModelClassifier::Parts> LoadCheckedModel(const std::string& name, const std::filesystem::path& directory,
                                                        const EngineOptions& engine, const std::string& golden) {
  const std::string file = GoldenFile(directory, golden);
  EngineOptions without = engine;
  if (engine.precision == "int8") without.precision = "auto";
  const bool wanted = engine.precision == "int8" || (engine.precision == "auto" && Int8IsFastest());
  if (wanted && file.empty() && engine.precision == "int8") {
    LogWarning("int8 is not taken: there are no golden answers to check it on",
               {{"model", name}, {"remedy", "put golden.jsonl into the model directory, or name a file with --verify-at-load"}});
  }
  if (!wanted || file.empty()) return LoadModel(name, directory, without);
  EngineOptions trial = engine;
  trial.precision = "int8";
  auto parts = LoadModel(name, directory, trial);
  if (!parts.ok() || parts->info.precision != "int8") return parts;
  const auto report = VerifyGoldenFile(*parts, file, kTrialTexts);
  if (!report.ok()) return report.status();
  if (report->passed()) {
    LogInfo("int8 is taken", {{"model", name}, {"labels_equal", report->labels_equal()}, {"texts", report->texts}});
    return parts;
  }
  LogWarning(
      "int8 is not taken: it changes answers",
      {{"model", name}, {"labels_equal", report->labels_equal()}, {"texts", report->texts}, {"first", report->examples.front()}});
  parts = absl::UnknownError("");  // gives its memory back before the other one is built
  return LoadModel(name, directory, without);
}

}  // namespace verdict
