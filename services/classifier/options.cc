#include "services/classifier/options.h"

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "services/classifier/metrics_options.h"

namespace verdict {

namespace {

// gRPC would take a host alone and listen on port 443.
std::string CheckListenAddress(const std::string& address) {
  if (absl::StartsWith(address, "unix:") || absl::StartsWith(address, "unix-abstract:")) return "";
  int port;
  const size_t colon = address.rfind(':');
  if (colon != std::string::npos && absl::SimpleAtoi(address.substr(colon + 1), &port) && port >= 0 && port <= 65535) return "";
  return absl::StrCat("\"", address, "\": expected host:port or unix:/path");
}

void DeclareModels(OptionParser& parser, ServiceOptions& options) {
  parser.Add("models", options.models,
             "Several models: name=directory, repeated or separated by commas; callers name the one they mean. Instead of "
             "--model-dir");
  parser.Add("models-dir", options.models_dir,
             "Folder of models: every sub-directory that holds config.json, or model/config.json, is a model by its own name. "
             "Instead of --model-dir");
  parser.Add("default-model", options.default_model,
             "The model for requests that name none; empty: the cascade, where one is declared, else the first of the models");
  parser.Add("cascade", options.cascade,
             "Models that are asked one after the other, as one more model: JSON, or the path of a JSON file "
             "(docs/models.md#a-cascade)");
  parser.Add("multi-model", options.multi_model,
             "Whether callers may load and unload models while the service runs; it then starts without any, and is healthy "
             "without any",
             {"SAGEMAKER_MULTI_MODEL"});
  parser.Add(
      "allow-torchscript", options.allow_torchscript,
      "Whether model.pt may be loaded: a TorchScript bundle is a program, and runs with the rights of this service. The image of "
      "target torchscript sets it; with --multi-model it lets whoever can write below --models-root run programs here");
  parser.Add("models-root", options.models_root, "Folder below which callers may load models from, with --multi-model");
  parser
      .Add("memory-limit-bytes", options.memory_limit_bytes,
           "Memory for this process, in bytes: a model that would not fit beside the others is not loaded; 0: the limit of the "
           "container, less what all in it use, else the memory of the machine")
      ->check(CLI::Range(int64_t{0}, int64_t{1} << 50));
  parser
      .Add("model-retry-ms", options.model_retry_ms,
           "When a model cannot be loaded at the start, try again this often, unhealthy but listening; 0: end with an error")
      ->check(CLI::Range(0, 86'400'000));
}

}  // namespace

void DeclareOptions(OptionParser& parser, ServiceOptions& options) {
  parser.Add("model-dir", options.model_dir,
             "Model directory: an unmodified Hugging Face classifier (config.json, model.safetensors, tokenizer files), or a "
             "TorchScript "
             "bundle (model.pt beside the same config and tokenizer files)",
             {"SM_MODEL_DIR"});
  parser.Add("model-name", options.model_name, "Name under which callers find the model; callers that name none get it as well");
  DeclareModels(parser, options);
  parser.Add(
      "verify-at-load", options.verify_at_load,
      "File of golden answers (tests/golden/README.md says what a line holds) to replay before serving; a model whose token ids "
      "or labels differ, or a probability by more than 1e-5 (0.04 in bf16), is refused. Costs a forward pass per line at every "
      "start: some "
      "tens of lines find a broken copy or an unsuitable processor");
  parser
      .Add("grpc-listen", options.grpc_listen,
           "Address to serve gRPC on: host:port (port 0: any free one, told in the log) or unix:/path; may be repeated")
      ->check(&CheckListenAddress);
  parser
      .Add("precision", options.precision,
           "Numbers of the large matrix products: fp32, whose answers are those of transformers to 1e-5; bf16, half the memory "
           "and, "
           "with AMD's AVX-512 BF16, twice, with AMX four times the speed, whose probabilities differ in the third decimal; "
           "int8, a quarter of the memory "
           "and, "
           "with AVX-512 VNNI, three times the speed, taken only if 99 % of the labels in golden.jsonl (of the model directory, "
           "or "
           "the file of --verify-at-load) stay the same; auto, the fastest that passes")
      ->check(CLI::IsMember({"auto", "fp32", "bf16", "int8"}));
  parser.Add(
      "prepared-weights", options.prepared_weights,
      "Folder that keeps the weights as the engine lays them out, a file for each model and precision: the first start writes "
      "it, later ones of the same weights are ready a fifth to a third sooner. Needs twice as much disk as the engine takes "
      "memory; "
      "empty: none");
  parser
      .Add("threads", options.threads,
           "Threads of one forward pass; 0: as many as the processors that the cpuset and the cgroup quota leave to this "
           "process. More than "
           "that makes every request slower")
      ->check(CLI::Range(0, 1024));
  parser
      .Add("max-batch-tokens", options.max_batch_tokens,
           "Most tokens that run in one batch; more raises throughput under load a little and the latency of each batch in "
           "proportion")
      ->check(CLI::Range(1, 1 << 20));
  parser.Add("max-inputs", options.max_inputs, "Most texts in one request")->check(CLI::Range(1, 1 << 20));
  parser
      .Add("max-windows", options.max_windows,
           "Most windows that one text is cut into when a request asks for windows; a longer text is refused. Each costs as much "
           "as "
           "a text of its own")
      ->check(CLI::Range(1, 1 << 20));
  DeclareOverloadOptions(parser, options.overload);
  parser
      .Add("max-message-bytes", options.max_message_bytes,
           "Largest request message that is read; keep it above the gateway's body limit")
      ->check(CLI::Range(1024, 1 << 30));
  parser.Add("max-deadline-ms", options.max_deadline_ms, "Deadline of requests that carry none, and the latest that is honoured")
      ->check(CLI::Range(1, 86'400'000));
  DeclareLifecycleOptions(parser, options.lifecycle);
  DeclareGrpcOptions(parser, options.grpc);
  DeclareSecurityOptions(parser, options.security);
  DeclareMetricsOptions(parser, options.metrics_listen);
  parser.Add("log-level", options.log_level,
             "Least level that is logged: debug, info, warning, error, or Python's number (10 to 40)",
             {"SM_LOG_LEVEL", "SAGEMAKER_CONTAINER_LOG_LEVEL"});
  ServiceTelemetry::Declare(parser, options.telemetry);
}

}  // namespace verdict
