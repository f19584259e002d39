#include "telemetry/tracing_metrics.h"

namespace verdict {

void AddTracingMetrics(MetricRegistry& registry, const std::string& process, const Tracing* tracing) {
  const auto exported = registry
                            .Add<Gauge>({.name = "verdict_spans_exported_total",
                                         .type = MetricType::kCounter,
                                         .help = "Spans that the receiver of traces has taken",
                                         .labels = {"process"}})
                            .With({process});
  auto& dropped =
      registry.Add<Gauge>({.name = "verdict_spans_dropped_total",
                           .type = MetricType::kCounter,
                           .help = "Spans that were dropped: full, there was no room for them; failed, the receiver was "
                                   "away or did not take them",
                           .labels = {"process", "reason"}});
  const auto full = dropped.With({process, "full"});
  const auto failed = dropped.With({process, "failed"});
  if (tracing == nullptr) return;
  registry.OnWrite([=] {
    const SpanQueue::Counts now = tracing->counts();
    exported->Set(static_cast<double>(now.exported));
    full->Set(static_cast<double>(now.dropped_full));
    failed->Set(static_cast<double>(now.dropped_failed));
  });
}

}  // namespace verdict
