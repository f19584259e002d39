// engine_bench MODEL_DIR TEXTS.txt [--precision P] [--threads N] [--repeats N] [--profile]
// Measures a model inside this process, and prints one line of JSON: texts per second with everything waiting at once, the median
// milliseconds of one text at a time, those of texts of 16, 128 and 512 tokens, and the machine's limit. --profile instead shows
// where the time of a batch goes on one thread, operator by operator.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <fstream>
#include <future>
#include <iostream>
#include <string>
#include <vector>

#include "CLI/CLI.hpp"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "bench/kernels/product_of_zeros.h"
#include "process/cpu_limit.h"
#include "services/classifier/engine/profile.h"
#include "services/classifier/kernels/kernels.h"
#include "services/classifier/repository/load_model.h"
#include "services/classifier/repository/model_classifier.h"

namespace verdict {
namespace {

using Clock = std::chrono::steady_clock;

double MillisecondsSince(Clock::time_point begin) {
  return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double Median(std::vector<double> values) {
  std::nth_element(values.begin(), values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2), values.end());
  return values[values.size() / 2];
}

// Runs all sequences through a scheduler, `together` in each request.
double Milliseconds(BatchScheduler& scheduler, const std::vector<TokenSequence>& sequences) {
  const auto begin = Clock::now();
  std::promise<absl::Status> ended;
  scheduler.Submit(sequences, {}, [&](absl::StatusOr<BatchScheduler::Outcome> outcome) { ended.set_value(outcome.status()); });
  const absl::Status status = ended.get_future().get();
  if (!status.ok()) std::cerr << status << "\n";
  return MillisecondsSince(begin);
}

double MedianMilliseconds(BatchScheduler& scheduler, const std::vector<TokenSequence>& sequences, int repeats) {
  std::vector<double> times;
  times.reserve(static_cast<size_t>(repeats));
  for (int i = 0; i < repeats; ++i) times.push_back(Milliseconds(scheduler, sequences));
  return Median(times);
}

// Of large products, in the number type of the precision, all threads together.
double LimitInGflops(const std::string& precision, int threads) {
  const NumberType weights = precision == "fp32"   ? NumberType::kFp32
                             : precision == "bf16" ? NumberType::kBf16
                                                   : NumberType::kInt8;
  std::vector<std::future<double>> all;
  all.reserve(static_cast<size_t>(threads));
  for (int i = 0; i < threads; ++i) {
    all.push_back(std::async(std::launch::async, [weights] { return LimitOf(BestKernels(), weights); }));
  }
  double sum = 0;
  for (auto& one : all) sum += one.get();
  return sum / 1e9;
}

// Runs the sequences in batches as the scheduler makes them, and prints a line for each operator.
void PrintProfile(Backend& backend, Profile& profile, const std::vector<TokenSequence>& sequences, int repeats) {
  const int64_t most_tokens = BatchScheduler::Options().max_batch_tokens;
  profile.Clear();  // the trial pass
  int64_t tokens = 0;
  std::vector<const TokenSequence*> batch;
  const auto run = [&] {
    if (!batch.empty()) backend.Forward(batch).IgnoreError();
    batch.clear();
    tokens = 0;
  };
  for (int i = 0; i < repeats; ++i) {
    for (const TokenSequence& sequence : sequences) {
      const auto length = static_cast<int64_t>(sequence.ids.size());
      if (tokens + length > most_tokens) run();
      tokens += length;
      batch.push_back(&sequence);
    }
    run();
  }
  std::vector<std::pair<std::string, Profile::Operator>> all(profile.operators().begin(), profile.operators().end());
  double seconds = 0, flop = 0;
  for (const auto& [name, entry] : all) {
    seconds += entry.seconds;
    flop += entry.flop;
  }
  std::sort(all.begin(), all.end(), [](const auto& a, const auto& b) { return a.second.seconds > b.second.seconds; });
  all.push_back({"all", {.calls = 0, .seconds = seconds, .flop = flop}});
  std::printf("| operator | share | calls | ms a text | GFLOP/s |\n|---|---:|---:|---:|---:|\n");
  for (const auto& [name, entry] : all) {
    const std::string rate = entry.flop > 0 ? absl::StrFormat("%.0f", entry.flop / entry.seconds / 1e9) : "";
    std::printf("| %s | %.1f %% | %lld | %.3f | %s |\n", name.c_str(), 100 * entry.seconds / seconds,
                static_cast<long long>(entry.calls), 1e3 * entry.seconds / static_cast<double>(sequences.size()) / repeats,
                rate.c_str());
  }
}

int Main(int argc, char** argv) {
  CLI::App app("Measures a model inside this process.");
  std::string model, texts_file, precision = "auto";
  int threads = AvailableProcessors(), repeats = 5, most = 256;
  app.add_option("model", model, "model directory")->required();
  app.add_option("texts", texts_file, "a file with a text on each line")->required();
  app.add_option("--precision", precision);
  app.add_option("--threads", threads);
  app.add_option("--repeats", repeats);
  app.add_option("--texts", most, "read at most so many texts");
  bool profiled = false;
  app.add_flag("--profile", profiled, "where the time goes, on one thread");
  CLI11_PARSE(app, argc, argv);
  const auto load = Clock::now();
  Profile profile;
  auto parts = LoadModel("bench", model,
                         {.precision = precision, .threads = profiled ? 1 : threads, .profile = profiled ? &profile : nullptr});
  if (!parts.ok()) {
    std::cerr << "engine_bench: " << parts.status().message() << "\n";
    return 1;
  }
  const double load_ms = MillisecondsSince(load);
  std::vector<TokenSequence> sequences;
  int64_t tokens = 0, pairs = 0;
  std::ifstream file(texts_file);
  for (std::string line; std::getline(file, line) && static_cast<int>(sequences.size()) < most;) {
    auto encoding = parts->tokenizer->Encode({line, std::nullopt}, parts->info.max_tokens, TruncationPolicy::kHead);
    if (!encoding.ok()) continue;
    const auto length = static_cast<int64_t>(encoding->sequence.ids.size());
    tokens += length;
    pairs += length * length;
    sequences.push_back(std::move(encoding->sequence));
  }
  if (profiled) {
    PrintProfile(*parts->backend, profile, sequences, repeats);
    return 0;
  }
  const ModelInfo info = parts->info;
  const auto first = Clock::now();
  BatchScheduler scheduler(std::move(parts->backend), {});
  Milliseconds(scheduler, {sequences[0]});
  const double first_ms = MillisecondsSince(first);
  const double all_ms = MedianMilliseconds(scheduler, sequences, repeats);
  std::vector<double> single;
  single.reserve(sequences.size());
  for (const TokenSequence& sequence : sequences) single.push_back(Milliseconds(scheduler, {sequence}));
  std::string lengths;
  for (const int length : {16, 128, 512}) {
    if (length > info.max_tokens) continue;
    const auto size = static_cast<size_t>(length);
    const TokenSequence sequence{std::vector<int32_t>(size, 100), std::vector<int32_t>(size, 0)};
    absl::StrAppend(&lengths, ", \"ms_", length, "\": ", MedianMilliseconds(scheduler, {sequence}, 3 * repeats));
  }
  std::cout << absl::StrCat(
      "{\"precision\": \"", info.precision, "\", \"kernels\": \"", BestKernels().name, "\", \"threads\": ", threads,
      ", \"texts\": ", sequences.size(), ", \"tokens\": ", tokens, ", \"token_pairs\": ", pairs, ", \"load_ms\": ", load_ms,
      ", \"first_ms\": ", first_ms, ", \"texts_per_second\": ", 1e3 * static_cast<double>(sequences.size()) / all_ms,
      ", \"median_ms\": ", Median(single), lengths, ", \"tokens_per_second\": ", 1e3 * static_cast<double>(tokens) / all_ms,
      ", \"limit_gflops\": ", LimitInGflops(info.precision, threads), "}\n");
  return 0;
}

}  // namespace
}  // namespace verdict

int main(int argc, char** argv) { return verdict::Main(argc, argv); }
