#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "metrics/metric.h"

namespace verdict {

// How metrics are written for a scraper: Prometheus' text format 0.0.4, or OpenMetrics 1.0.0.
enum class MetricFormat { kText, kOpenMetrics };

// The one that a scraper asks for with its Accept header: OpenMetrics where it is named, else text.
MetricFormat MetricFormatFor(std::string_view accept);

std::string_view ContentTypeOf(MetricFormat format);

enum class MetricType { kCounter, kGauge, kHistogram };
std::string_view NameOf(MetricType type);

// What is known of a metric beforehand.
struct MetricInfo {
  std::string name;  // that of the samples: a counter's ends in _total
  MetricType type = MetricType::kCounter;
  std::string help;  // for an operator, without a full stop
  std::vector<std::string> labels = {};
  std::vector<double> bounds = {};  // of a histogram
};

// Writes one metric: its head, then a sample or several for each set of label values.
class MetricWriter {
 public:
  MetricWriter(std::string& out, MetricFormat format, const MetricInfo& info);

  using LabelValues = std::vector<std::string>;  // in the order of info.labels
  void Write(const LabelValues& labels, const Counter& counter);
  void Write(const LabelValues& labels, const Gauge& gauge);
  void Write(const LabelValues& labels, const Histogram& histogram);

 private:
  void Begin(std::string_view suffix, const LabelValues& labels, std::string_view bound);

  std::string& out_;
  const MetricInfo& info_;
};

// The end of what a scraper gets, after all metrics.
std::string_view EndOf(MetricFormat format);

// The metrics of two processes in one answer, both written by MetricWriter in the same format, without their ends. Of a metric
// that both have, the samples come together, as the formats demand; a label must tell them apart.
std::string MergeMetrics(std::string_view first, std::string_view second);

}  // namespace verdict
