#include "services/classifier/torchscript/torchscript_backend.h"

#include <ATen/ATen.h>
#include <c10/core/InferenceMode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/runtime/graph_executor.h>
#include <torch/csrc/jit/serialization/import.h>

#include <algorithm>
#include <numeric>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/classifier/torchscript/torch_runtime.h"

namespace verdict {
namespace {

enum class Argument { kInputIds, kAttentionMask, kTokenTypeIds };

absl::StatusOr<std::vector<Argument>> ReadSignature(const torch::jit::Module& module, const std::string& file) {
  const auto method = module.find_method("forward");
  if (!method) return absl::InvalidArgumentError(absl::StrCat(file, ": has no method forward"));
  std::vector<Argument> arguments;
  const auto& schema = method->function().getSchema();
  for (size_t i = 1; i < schema.arguments().size(); ++i) {  // the first is the module itself
    const c10::Argument& argument = schema.arguments()[i];
    if (argument.name() == "input_ids") {
      arguments.push_back(Argument::kInputIds);
    } else if (argument.name() == "attention_mask") {
      arguments.push_back(Argument::kAttentionMask);
    } else if (argument.name() == "token_type_ids") {
      arguments.push_back(Argument::kTokenTypeIds);
    } else if (!argument.default_value().has_value()) {
      return absl::InvalidArgumentError(absl::StrCat(file, ": forward asks for the argument ", argument.name(),
                                                     "; only input_ids, attention_mask and token_type_ids can be given"));
    } else {
      break;  // arguments are passed by place, so whatever follows keeps its default
    }
  }
  if (std::find(arguments.begin(), arguments.end(), Argument::kInputIds) == arguments.end()) {
    return absl::InvalidArgumentError(absl::StrCat(file, ": forward takes no argument input_ids"));
  }
  return arguments;
}

absl::StatusOr<at::Tensor> FindLogits(const c10::IValue& answer) {
  if (answer.isTensor()) return answer.toTensor();
  if (answer.isTuple()) {
    const auto& elements = answer.toTupleRef().elements();
    if (!elements.empty() && elements[0].isTensor()) return elements[0].toTensor();
  }
  if (answer.isGenericDict()) {
    for (const auto& entry : answer.toGenericDict()) {
      if (entry.key().isString() && entry.key().toStringRef() == "logits" && entry.value().isTensor())
        return entry.value().toTensor();
    }
  }
  return absl::InternalError(absl::StrCat("forward answered ", answer.tagKind(),
                                          " without logits; expected a tensor, a tuple that begins with one, "
                                          "or a dict with the member logits"));
}

// Indexes of `sequences` in groups to be padded together: within a group no text is much shorter than the longest.
std::vector<std::vector<size_t>> GroupByLength(const std::vector<const TokenSequence*>& sequences) {
  std::vector<size_t> order(sequences.size());
  std::iota(order.begin(), order.end(), size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [&](size_t a, size_t b) { return sequences[a]->ids.size() < sequences[b]->ids.size(); });
  std::vector<std::vector<size_t>> groups;
  size_t longest_allowed = 0;
  for (const size_t index : order) {
    const size_t length = sequences[index]->ids.size();
    if (groups.empty() || length > longest_allowed) {
      groups.emplace_back();
      longest_allowed = length + length / 4 + 4;
    }
    groups.back().push_back(index);
  }
  return groups;
}

class TorchScriptBackend final : public Backend {
 public:
  TorchScriptBackend(torch::jit::Module module, std::vector<Argument> arguments, BackendInfo info, int64_t pad_id, int threads)
      : module_(std::move(module)),
        arguments_(std::move(arguments)),
        info_(std::move(info)),
        pad_id_(pad_id),
        threads_(threads) {}

  const BackendInfo& info() const override { return info_; }

 private:
  absl::StatusOr<Logits> Run(const std::vector<const TokenSequence*>& sequences, const Lane& lane) override {
    return CatchTorch([&]() -> absl::StatusOr<Logits> {
      UseThreads(lane.wide ? threads_ : 1);
      const c10::InferenceMode inference;
      // The optimising executor recompiles for each new shape, and shapes change with every batch.
      const torch::jit::GraphOptimizerEnabledGuard plain(false);
      Logits all{.rows = static_cast<int>(sequences.size()), .columns = info_.num_labels, .values = {}};
      all.values.resize(sequences.size() * static_cast<size_t>(info_.num_labels));
      for (const auto& group : GroupByLength(sequences)) {
        if (absl::Status status = RunGroup(sequences, group, all); !status.ok()) return status;
      }
      return all;
    });
  }

  absl::Status RunGroup(const std::vector<const TokenSequence*>& sequences, const std::vector<size_t>& group, Logits& all) {
    auto tensor = FindLogits(module_.forward(Pad(sequences, group)));
    if (!tensor.ok()) return tensor.status();
    const auto logits = ToLogits(*tensor);
    if (!logits.ok()) return logits.status();
    if (logits->rows != static_cast<int>(group.size()) || logits->columns != info_.num_labels) {
      return absl::InternalError(absl::StrCat("forward answered [", logits->rows, ", ", logits->columns, "] for ", group.size(),
                                              " texts and ", info_.num_labels, " labels"));
    }
    for (size_t i = 0; i < group.size(); ++i) {
      const float* row = logits->row(static_cast<int>(i));
      std::copy(row, row + info_.num_labels, all.values.begin() + static_cast<std::ptrdiff_t>(group[i]) * info_.num_labels);
    }
    return absl::OkStatus();
  }

  std::vector<c10::IValue> Pad(const std::vector<const TokenSequence*>& sequences, const std::vector<size_t>& group) const {
    const auto rows = static_cast<int64_t>(group.size());
    const auto length = static_cast<int64_t>(sequences[group.back()]->ids.size());  // groups are sorted
    at::Tensor ids = at::full({rows, length}, pad_id_, at::kLong), mask = at::zeros({rows, length}, at::kLong);
    at::Tensor types = at::zeros({rows, length}, at::kLong);
    for (int64_t row = 0; row < rows; ++row) {
      const TokenSequence& sequence = *sequences[group[static_cast<size_t>(row)]];
      std::copy(sequence.ids.begin(), sequence.ids.end(), ids.data_ptr<int64_t>() + row * length);
      std::copy(sequence.type_ids.begin(), sequence.type_ids.end(), types.data_ptr<int64_t>() + row * length);
      std::fill_n(mask.data_ptr<int64_t>() + row * length, sequence.ids.size(), int64_t{1});
    }
    std::vector<c10::IValue> inputs;
    for (const Argument argument : arguments_) {
      inputs.emplace_back(argument == Argument::kInputIds ? ids : argument == Argument::kAttentionMask ? mask : types);
    }
    return inputs;
  }

  torch::jit::Module module_;
  std::vector<Argument> arguments_;
  BackendInfo info_;
  int64_t pad_id_;
  int threads_;
};

int64_t CountParameters(const torch::jit::Module& module) {
  int64_t count = 0;
  for (const at::Tensor& parameter : module.parameters()) count += parameter.numel();
  return count;
}

}  // namespace

absl::StatusOr<std::unique_ptr<Backend>> LoadTorchScriptBackend(const ModelDirectory& directory, int threads) {
  const JsonFile& config = directory.config.file;
  const auto positions = config.Integer("max_position_embeddings", 1, 1 << 20, 512);
  if (!positions.ok()) return positions.status();
  const auto vocabulary = config.Integer("vocab_size", 1, 1 << 30, 0);
  if (!vocabulary.ok()) return vocabulary.status();
  const auto pad_id = config.Integer("pad_token_id", 0, 1 << 30, 0);
  if (!pad_id.ok()) return pad_id.status();
  const std::string file = directory.weights.string();
  return CatchTorch([&]() -> absl::StatusOr<std::unique_ptr<Backend>> {
    torch::jit::Module module;
    try {
      module = torch::jit::load(file, at::kCPU);
    } catch (const std::exception& exception) {
      return absl::InvalidArgumentError(absl::StrCat(file, ": is no TorchScript file: ", TorchMessage(exception)));
    }
    module.eval();
    auto arguments = ReadSignature(module, file);
    if (!arguments.ok()) return arguments.status();
    BackendInfo info{.name = "torchscript",
                     .precision = "fp32",
                     .num_labels = static_cast<int>(directory.config.labels.size()),
                     .max_tokens = static_cast<int>(*positions),
                     .vocabulary_size = static_cast<int>(*vocabulary),
                     .parameters = CountParameters(module)};
    return std::make_unique<TorchScriptBackend>(std::move(module), *std::move(arguments), std::move(info), *pad_id, threads);
  });
}

}  // namespace verdict
