#include "metrics/exposition.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

constexpr std::string_view kTotal = "_total";
constexpr std::string_view kHelp = "# HELP ";

void AppendNumber(std::string& out, double value) {
  if (std::isinf(value)) {
    out += value > 0 ? "+Inf" : "-Inf";
  } else if (std::isnan(value)) {
    out += "NaN";
  } else {
    std::array<char, 32> text;
    const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
    out.append(text.data(), end);
  }
}

// As OpenMetrics has the numbers of `le`: with a point, and without an exponent, which to_chars thinks shorter. In the text
// format, too, so that a series keeps its name from one to the other.
std::string BoundText(double bound) {
  std::array<char, 512> digits;  // any double in full
  std::string text(digits.data(),
                   std::to_chars(digits.data(), digits.data() + digits.size(), bound, std::chars_format::fixed).ptr);
  if (text.find('.') == std::string::npos) text += ".0";
  return text;
}

void AppendEscaped(std::string& out, std::string_view text, bool quotes) {
  for (const char c : text) {
    if (c == '\\' || (quotes && c == '"')) out += '\\';
    if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
}

// One metric of an answer: its name, and its lines from HELP on.
struct Block {
  std::string_view name;
  std::string_view lines;

  // Behind HELP and TYPE.
  std::string_view samples() const { return lines.substr(lines.find('\n', lines.find('\n') + 1) + 1); }
};

std::vector<Block> BlocksOf(std::string_view text) {
  std::vector<Block> blocks;
  while (text.starts_with(kHelp)) {
    const size_t next = text.find("\n# HELP ", kHelp.size());
    const std::string_view lines = next == std::string_view::npos ? text : text.substr(0, next + 1);
    const std::string_view rest = lines.substr(kHelp.size());
    blocks.push_back({rest.substr(0, rest.find(' ')), lines});
    text.remove_prefix(lines.size());
  }
  return blocks;
}

}  // namespace

MetricFormat MetricFormatFor(std::string_view accept) {
  const std::string lower = absl::AsciiStrToLower(absl::string_view(accept.data(), accept.size()));
  return lower.find("application/openmetrics-text") == std::string::npos ? MetricFormat::kText : MetricFormat::kOpenMetrics;
}

std::string_view ContentTypeOf(MetricFormat format) {
  return format == MetricFormat::kOpenMetrics ? "application/openmetrics-text; version=1.0.0; charset=utf-8"
                                              : "text/plain; version=0.0.4; charset=utf-8";
}

std::string_view EndOf(MetricFormat format) { return format == MetricFormat::kOpenMetrics ? "# EOF\n" : ""; }

std::string_view NameOf(MetricType type) {
  switch (type) {
    case MetricType::kCounter:
      return "counter";
    case MetricType::kGauge:
      return "gauge";
    case MetricType::kHistogram:
      return "histogram";
  }
  return "";
}

MetricWriter::MetricWriter(std::string& out, MetricFormat format, const MetricInfo& info) : out_(out), info_(info) {
  std::string_view name = info.name;
  // In OpenMetrics _total belongs to the sample, not to the name of the metric.
  if (format == MetricFormat::kOpenMetrics && info.type == MetricType::kCounter) name.remove_suffix(kTotal.size());
  out_.append(kHelp).append(name).append(" ");
  AppendEscaped(out_, info.help, format == MetricFormat::kOpenMetrics);
  out_.append("\n# TYPE ").append(name).append(" ").append(NameOf(info.type)).append("\n");
}

void MetricWriter::Begin(std::string_view suffix, const LabelValues& labels, std::string_view bound) {
  out_.append(info_.name).append(suffix);
  char separator = '{';
  const auto add = [&](std::string_view name, std::string_view value) {
    out_ += std::exchange(separator, ',');
    out_.append(name).append("=\"");
    AppendEscaped(out_, value, true);
    out_ += '"';
  };
  for (size_t i = 0; i < labels.size(); ++i) add(info_.labels[i], labels[i]);
  if (!bound.empty()) add("le", bound);
  out_ += separator == '{' ? " " : "} ";
}

void MetricWriter::Write(const LabelValues& labels, const Counter& counter) {
  Begin("", labels, "");
  absl::StrAppend(&out_, counter.value(), "\n");
}

void MetricWriter::Write(const LabelValues& labels, const Gauge& gauge) {
  Begin("", labels, "");
  AppendNumber(out_, gauge.value());
  out_ += '\n';
}

void MetricWriter::Write(const LabelValues& labels, const Histogram& histogram) {
  uint64_t count = 0;
  const std::vector<uint64_t> counts = histogram.counts();
  for (size_t i = 0; i < counts.size(); ++i) {
    count += counts[i];
    Begin("_bucket", labels, i < histogram.bounds().size() ? BoundText(histogram.bounds()[i]) : "+Inf");
    absl::StrAppend(&out_, count, "\n");
  }
  Begin("_sum", labels, "");
  AppendNumber(out_, histogram.sum());
  out_ += '\n';
  Begin("_count", labels, "");
  absl::StrAppend(&out_, count, "\n");
}

std::string MergeMetrics(std::string_view first, std::string_view second) {
  std::string merged;
  merged.reserve(first.size() + second.size());
  std::vector<Block> others = BlocksOf(second);
  for (const Block& block : BlocksOf(first)) {
    merged += block.lines;
    const auto same = std::find_if(others.begin(), others.end(), [&](const Block& other) { return other.name == block.name; });
    if (same == others.end()) continue;
    merged += same->samples();
    others.erase(same);
  }
  for (const Block& block : others) merged += block.lines;
  return merged;
}

}  // namespace verdict
