#include "services/classifier/engine/linear.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

#include "services/classifier/kernels/pack.h"

namespace verdict {
namespace {

// One output's weights as groups of 32 bits.
struct PackedRow {
  float scale = 1;
  int32_t sum = 0;  // of int8 weights
};

// Symmetric, to 127: -128 is left out.
PackedRow QuantiseWeights(const float* weights, int64_t count, int8_t* to) {
  float largest = 0;
  for (int64_t i = 0; i < count; ++i) largest = std::max(largest, std::abs(weights[i]));
  const float scale = largest > 0 ? largest / 127.0F : 1.0F, inverse = 1.0F / scale;
  int32_t sum = 0;
  for (int64_t i = 0; i < count; ++i) {
    // Adding and taking away 1.5 * 2^23 rounds to the nearest integer.
    const float rounded = (weights[i] * inverse + 12582912.0F) - 12582912.0F;
    to[i] = static_cast<int8_t>(std::clamp(rounded, -127.0F, 127.0F));
    sum += to[i];
  }
  return {scale, sum};
}

NumberType TypeOf(Precision precision, int64_t in) {
  if (precision == Precision::kInt8 && in % 4 == 0) return NumberType::kInt8;
  if (precision == Precision::kFp32 || in % 2 != 0) return NumberType::kFp32;
  return NumberType::kBf16;
}

}  // namespace

// Panel by panel, so that several threads can share the work: first rows in the wanted type, then their groups side by side.
void Linear::Pack(const BuildOptions& options, const std::vector<Tensor>& weights) {
  const int64_t dwords = in_ * BytesOf(type_) / 4, filled = PanelsFor(out_) * kPanel;
  const bool quantised = type_ == NumberType::kInt8;
  const auto bytes = static_cast<size_t>(filled * (dwords + (quantised ? 2 : 0))) * sizeof(uint32_t);
  panels_ = options.memory->Take(bytes);
  if (quantised) {
    scale_ = static_cast<float*>(panels_.get()) + filled * dwords;
    sum_ = reinterpret_cast<int32_t*>(scale_ + filled);
  }
  if (options.prepared != nullptr) {
    // The same numbers in another shape lie elsewhere.
    const uint64_t kind = static_cast<uint64_t>(type_) | static_cast<uint64_t>(in_) << 4U | static_cast<uint64_t>(out_) << 34U;
    std::vector<std::span<const std::byte>> sources;
    sources.reserve(weights.size());
    for (const Tensor& weight : weights) {
      sources.push_back(std::as_bytes(std::span(weight.data, static_cast<size_t>(weight.rows() * in_))));
    }
    if (options.prepared->Load(*options.team, sources, {panels_, bytes, kind})) return;
  }
  const int64_t each = out_ / static_cast<int64_t>(weights.size());
  const auto row_of = [&](int64_t out) { return weights[static_cast<size_t>(out / each)].row(out % each); };
  options.team->For(PanelsFor(out_), [&](int64_t panel, int /*thread*/) {
    const int64_t first = panel * kPanel, count = std::min(kPanel, out_ - first);
    uint32_t* const to_panel = static_cast<uint32_t*>(panels_.get()) + panel * kPanel * dwords;
    if (type_ == NumberType::kFp32 && first / each == (first + count - 1) / each) {  // as they lie in the file
      return PackPanel(reinterpret_cast<const uint32_t*>(row_of(first)), in_, count, dwords, to_panel);
    }
    std::vector<uint32_t> rows(static_cast<size_t>(count * dwords));
    for (int64_t i = 0; i < count; ++i) {
      const float* const from = row_of(first + i);
      uint32_t* const to = rows.data() + i * dwords;
      if (quantised) {
        const PackedRow row = QuantiseWeights(from, in_, reinterpret_cast<int8_t*>(to));
        scale_[first + i] = row.scale;
        sum_[first + i] = row.sum;
      } else {
        options.kernels->convert(from, in_, 1, in_, {.type = type_, .data = to, .stride = in_});
      }
    }
    PackPanel(rows.data(), dwords, count, dwords, to_panel);
  });
}

Linear Linear::TakeTogether(TensorSource& source, const std::vector<std::string>& names, const Shape& each) {
  Linear linear;
  linear.out_ = each.out * static_cast<int64_t>(names.size());
  linear.in_ = each.in;
  linear.type_ = TypeOf(source.options().precision, each.in);
  linear.input_ = linear.type_ == NumberType::kInt8   ? NumberType::kUint8
                  : linear.type_ == NumberType::kBf16 ? source.options().kernels->bf16_input
                                                      : NumberType::kFp32;
  std::vector<Tensor> weights;
  for (const std::string& name : names) {
    weights.push_back(source.Take(name + ".weight", {each.out, each.in}));
    if (!each.has_bias) continue;
    const Tensor bias = source.Take(name + ".bias", {each.out});
    if (source.ok()) linear.bias_.insert(linear.bias_.end(), bias.data, bias.data + each.out);
  }
  if (!source.ok()) return linear;
  if (each.has_bias) linear.bias_.resize(static_cast<size_t>(PanelsFor(linear.out_) * kPanel));
  source.CountProduct(linear.out_ * linear.in_);
  linear.Pack(source.options(), weights);
  return linear;
}

Linear Linear::Of(const BuildOptions& options, const Tensor& weight, const Tensor& bias) {
  Linear linear;
  linear.out_ = weight.shape[0];
  linear.in_ = weight.shape[1];
  if (bias.defined()) linear.bias_.assign(bias.data, bias.data + linear.out_);
  if (bias.defined()) linear.bias_.resize(static_cast<size_t>(PanelsFor(linear.out_) * kPanel));
  linear.Pack(options, {weight});
  return linear;
}

Linear Linear::Take(TensorSource& source, const std::string& name, const Shape& shape) {
  return TakeTogether(source, {name}, shape);
}

Linear Linear::TakeExact(TensorSource& source, const std::string& name, const Shape& shape) {
  const TensorSource::ExactScope exact(source);
  return Take(source, name, shape);
}

void Linear::operator()(const Pass& pass, const InputRows& x, int64_t rows, const Target& to) const {
  Part(pass, x, rows, {0, out_}, to);
}

void Linear::Part(const Pass& pass, const InputRows& x, int64_t rows, const Outputs& outputs, const Target& to) const {
  const int64_t first = outputs.first;
  const bool quantised = type_ == NumberType::kInt8;
  const Product product{.a = x.data,
                        .a_stride = x.stride,
                        .rows = rows,
                        .b = static_cast<const std::byte*>(panels_.get()) + first * in_ * BytesOf(type_),
                        .b_stride = kPanel * in_,
                        .depth = in_,
                        .columns = outputs.last - first,
                        .c = to.values,
                        .c_stride = to.stride,
                        .c_is_bf16 = to.type == NumberType::kBf16,
                        .row_scale = x.scale,
                        .row_zero = x.zero,
                        .column_scale = quantised ? scale_ + first : nullptr,
                        .column_sum = quantised ? sum_ + first : nullptr,
                        .bias = bias_.empty() ? nullptr : bias_.data() + first,
                        .activation = to.activation,
                        .residual = to.residual,
                        .residual_stride = to.residual_stride};
  const Profile::Span span(pass.profile, rows, in_, product.columns);
  const Multiply multiply = type_ == NumberType::kFp32   ? pass.kernels.fp32
                            : type_ == NumberType::kBf16 ? pass.kernels.bf16
                                                         : pass.kernels.int8;
  const int64_t panels = PanelsFor(product.columns);
  if (pass.team.threads() == 1) return multiply(product, 0, panels);
  pass.team.For(panels, [&](int64_t panel, int /*thread*/) { multiply(product, panel, panel + 1); });
}

void Linear::Into(const Pass& pass, const InputRows& x, int64_t rows, Activation activation, const InputRows& to) const {
  const Arena::Scope scope(pass.arena());
  const bool quantised = to.type == NumberType::kUint8;
  const InputRows direct = quantised ? TakeInput(pass.arena(), NumberType::kBf16, rows, out_) : to;
  (*this)(pass, x, rows, {.values = direct.data, .stride = direct.stride, .type = direct.type, .activation = activation});
  if (!quantised) return;
  const Profile::Span span(pass.profile, "quantise");
  ForRows(pass, rows, [&](int64_t first, int64_t count) {
    const auto* const values = static_cast<const uint16_t*>(direct.data) + first * direct.stride;
    pass.kernels.quantise_bf16(values, direct.stride, count, out_, RowsFrom(to, first));
  });
}

}  // namespace verdict
