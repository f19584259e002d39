#pragma once

#include <cmath>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <map>
#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "services/classifier/api/backend.h"
#include "tests/support/safetensors_writer.h"
#include "tests/support/temp_directory.h"

namespace verdict {

// A BERT classifier of two layers with seeded weights: writes itself as a model directory, and computes its own logits in the
// plainest way there is (double precision, one loop a formula of Devlin et al., arXiv:1810.04805), as the reference for the
// engine.
class TinyBert {
 public:
  static constexpr int kHidden = 8, kHeads = 2, kLayers = 2, kIntermediate = 12, kWords = 20, kPositions = 16, kTypes = 2,
                       kLabels = 3;

  TinyBert() {
    AddNormal("bert.embeddings.word_embeddings.weight", {kWords, kHidden});
    AddNormal("bert.embeddings.position_embeddings.weight", {kPositions, kHidden});
    AddNormal("bert.embeddings.token_type_embeddings.weight", {kTypes, kHidden});
    AddNorm("bert.embeddings.LayerNorm");
    for (int i = 0; i < kLayers; ++i) {
      const std::string layer = absl::StrCat("bert.encoder.layer.", i);
      for (const char* part :
           {".attention.self.query", ".attention.self.key", ".attention.self.value", ".attention.output.dense"}) {
        AddLinear(layer + part, kHidden, kHidden);
      }
      AddNorm(layer + ".attention.output.LayerNorm");
      AddLinear(layer + ".intermediate.dense", kIntermediate, kHidden);
      AddLinear(layer + ".output.dense", kHidden, kIntermediate);
      AddNorm(layer + ".output.LayerNorm");
    }
    AddLinear("bert.pooler.dense", kHidden, kHidden);
    AddLinear("classifier", kLabels, kHidden);
  }

  static std::string Config() {
    return R"({"model_type":"bert","hidden_size":8,"num_attention_heads":2,"num_hidden_layers":2,"intermediate_size":12,)"
           R"("hidden_act":"gelu","layer_norm_eps":1e-12,"vocab_size":20,"max_position_embeddings":16,"type_vocab_size":2,)"
           R"("id2label":{"0":"a","1":"b","2":14862135489037}})";
  }

  SafetensorsWriter& writer() { return writer_; }

  void WriteTo(const std::filesystem::path& directory, const std::string& config = Config()) const {
    std::filesystem::create_directories(directory);
    writer_.Write(directory / "model.safetensors");
    std::ofstream(directory / "config.json") << config;
  }

  std::vector<double> Logits(const TokenSequence& sequence) const {
    Matrix x;
    for (size_t i = 0; i < sequence.ids.size(); ++i) {
      Row row(kHidden);
      for (int j = 0; j < kHidden; ++j) {
        row[j] = At("bert.embeddings.word_embeddings.weight", sequence.ids[i], j) +
                 At("bert.embeddings.position_embeddings.weight", i, j) +
                 At("bert.embeddings.token_type_embeddings.weight", sequence.type_ids[i], j);
      }
      x.push_back(Norm("bert.embeddings.LayerNorm", row));
    }
    for (int i = 0; i < kLayers; ++i) x = Layer(absl::StrCat("bert.encoder.layer.", i), x);
    Row pooled = Apply("bert.pooler.dense", x[0], kHidden);
    for (double& value : pooled) value = std::tanh(value);
    return Apply("classifier", pooled, kLabels);
  }

 private:
  using Row = std::vector<double>;
  using Matrix = std::vector<Row>;

  void AddNormal(const std::string& name, const std::vector<int64_t>& shape, double mean = 0, double deviation = 0.5) {
    int64_t count = 1;
    for (const int64_t size : shape) count *= size;
    std::normal_distribution<double> normal(mean, deviation);
    std::vector<float> values;
    for (int64_t i = 0; i < count; ++i) values.push_back(static_cast<float>(normal(random_)));
    writer_.Add(name, shape, values);
    columns_[name] = shape.back();
    values_[name] = std::move(values);
  }
  void AddLinear(const std::string& name, int out, int in) {
    AddNormal(name + ".weight", {out, in});
    AddNormal(name + ".bias", {out});
  }
  void AddNorm(const std::string& name) {
    AddNormal(name + ".weight", {kHidden}, 1, 0.1);
    AddNormal(name + ".bias", {kHidden}, 0, 0.1);
  }

  double At(const std::string& name, size_t row, int column) const {
    return values_.at(name)[row * static_cast<size_t>(columns_.at(name)) + static_cast<size_t>(column)];
  }

  Row Apply(const std::string& name, const Row& x, int out) const {
    Row y(static_cast<size_t>(out));
    for (int i = 0; i < out; ++i) {
      y[i] = At(name + ".bias", 0, i);
      for (size_t j = 0; j < x.size(); ++j) y[i] += At(name + ".weight", static_cast<size_t>(i), static_cast<int>(j)) * x[j];
    }
    return y;
  }

  Row Norm(const std::string& name, const Row& x) const {
    double mean = 0, variance = 0;
    for (const double value : x) mean += value / kHidden;
    for (const double value : x) variance += (value - mean) * (value - mean) / kHidden;
    Row y(x.size());
    for (int j = 0; j < kHidden; ++j) {
      y[j] = (x[j] - mean) / std::sqrt(variance + 1e-12) * At(name + ".weight", 0, j) + At(name + ".bias", 0, j);
    }
    return y;
  }

  static Row Add(Row a, const Row& b) {
    for (size_t i = 0; i < a.size(); ++i) a[i] += b[i];
    return a;
  }

  Matrix Attention(const std::string& name, const Matrix& x) const {
    Matrix q, k, v, result(x.size(), Row(kHidden));
    for (const Row& row : x) {
      q.push_back(Apply(name + ".query", row, kHidden));
      k.push_back(Apply(name + ".key", row, kHidden));
      v.push_back(Apply(name + ".value", row, kHidden));
    }
    constexpr int kWidth = kHidden / kHeads;
    for (int first = 0; first < kHidden; first += kWidth) {
      for (size_t i = 0; i < x.size(); ++i) {
        Row weight(x.size());
        double sum = 0;
        for (size_t j = 0; j < x.size(); ++j) {
          double product = 0;
          for (int c = first; c < first + kWidth; ++c) product += q[i][c] * k[j][c];
          sum += weight[j] = std::exp(product / std::sqrt(kWidth));
        }
        for (size_t j = 0; j < x.size(); ++j) {
          for (int c = first; c < first + kWidth; ++c) result[i][c] += weight[j] / sum * v[j][c];
        }
      }
    }
    return result;
  }

  Matrix Layer(const std::string& name, const Matrix& x) const {
    const Matrix attended = Attention(name + ".attention.self", x);
    Matrix y;
    for (size_t i = 0; i < x.size(); ++i) {
      const Row middle =
          Norm(name + ".attention.output.LayerNorm", Add(Apply(name + ".attention.output.dense", attended[i], kHidden), x[i]));
      Row wide = Apply(name + ".intermediate.dense", middle, kIntermediate);
      for (double& value : wide) value = value / 2 * (1 + std::erf(value / std::sqrt(2.0)));
      y.push_back(Norm(name + ".output.LayerNorm", Add(Apply(name + ".output.dense", wide, kHidden), middle)));
    }
    return y;
  }

  std::mt19937 random_{7};
  SafetensorsWriter writer_;
  std::map<std::string, std::vector<float>> values_;
  std::map<std::string, int64_t> columns_;
};

}  // namespace verdict
