#pragma once

#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "metrics/exposition.h"
#include "metrics/metric.h"

namespace verdict {

// A metric with its series, one for each set of label values. Thread-safe. Asking for a series takes a lock: who counts often
// keeps it.
class MetricFamilyBase {
 public:
  explicit MetricFamilyBase(MetricInfo info) : info_(std::move(info)) {}
  virtual ~MetricFamilyBase() = default;
  MetricFamilyBase(const MetricFamilyBase&) = delete;

  const MetricInfo& info() const { return info_; }
  virtual void Write(std::string& out, MetricFormat format) const = 0;

 protected:
  const MetricInfo info_;
};

template <typename Metric>
class MetricFamily final : public MetricFamilyBase {
 public:
  using LabelValues = MetricWriter::LabelValues;

  using MetricFamilyBase::MetricFamilyBase;

  // The series with these values, in the order of info().labels; made, at zero, when it is not there. Whoever makes series bounds
  // how many.
  std::shared_ptr<Metric> With(const LabelValues& values) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<Metric>& metric = series_[values];
    if (!metric) metric = Make();
    return metric;
  }

  // Takes the series away that have `value` as their first label.
  void RemoveFirst(const std::string& value) {
    const std::lock_guard lock(mutex_);
    std::erase_if(series_, [&](const auto& entry) { return !entry.first.empty() && entry.first.front() == value; });
  }

  void Clear() {
    const std::lock_guard lock(mutex_);
    series_.clear();
  }

  void Write(std::string& out, MetricFormat format) const override {
    MetricWriter writer(out, format, info_);
    const std::lock_guard lock(mutex_);
    for (const auto& [values, metric] : series_) writer.Write(values, *metric);
  }

 private:
  std::shared_ptr<Metric> Make() const {
    if constexpr (std::is_same_v<Metric, Histogram>) {
      return std::make_shared<Histogram>(info_.bounds);
    } else {
      return std::make_shared<Metric>();
    }
  }

  mutable std::mutex mutex_;
  std::map<LabelValues, std::shared_ptr<Metric>> series_;
};

// The metrics of a process. Thread-safe; families live as long as it.
class MetricRegistry {
 public:
  // Names follow Prometheus' rules (https://prometheus.io/docs/practices/naming/): base units, _total for counters. A Gauge may
  // be of the type counter, where something else does the counting.
  template <typename Metric>
  MetricFamily<Metric>& Add(MetricInfo info) {
    auto family = std::make_unique<MetricFamily<Metric>>(std::move(info));
    MetricFamily<Metric>& added = *family;
    const std::lock_guard lock(mutex_);
    families_.push_back(std::move(family));
    return added;
  }
  // The one series of a metric without labels.
  template <typename Metric>
  std::shared_ptr<Metric> AddOne(MetricInfo info) {
    return Add<Metric>(std::move(info)).With({});
  }

  // Called before each Write, to bring gauges up to date.
  void OnWrite(std::function<void()> update) {
    const std::lock_guard lock(mutex_);
    updates_.push_back(std::move(update));
  }

  // All metrics with all series, without the end of the format.
  std::string Write(MetricFormat format) const;

  std::vector<MetricInfo> Describe() const;

 private:
  std::vector<std::unique_ptr<MetricFamilyBase>> families_;
  std::vector<std::function<void()>> updates_;
  mutable std::mutex mutex_;  // also held while gauges are updated: two scrapers at a time would write the same ones
};

}  // namespace verdict
