#include "gateway/metrics_handler.h"

#include <string>
#include <utility>

#include "common/steady_clock.h"

namespace verdict {
namespace {

HttpResponse Answer(MetricFormat format, std::string text) {
  text.append(EndOf(format));
  return {.status = 200, .content_type = std::string(ContentTypeOf(format)), .body = std::move(text)};
}

void Collect(const MetricsSources& sources, MetricFormat format, absl::Time deadline, Respond respond) {
  if (sources.service == nullptr) return respond(Answer(format, sources.own->registry().Write(format)));
  sources.service->CollectMetrics(
      format == MetricFormat::kOpenMetrics, deadline,
      [metrics = sources.own, format, respond = std::move(respond)](const absl::StatusOr<std::string>& service) mutable {
        metrics->OnServiceMetrics(service.ok());
        const std::string text = metrics->registry().Write(format);
        respond(Answer(format, service.ok() ? MergeMetrics(text, *service) : text));
      });
}

}  // namespace

HttpHandler MakeMetricsHandler(MetricsSources sources) {
  return [sources = std::move(sources)](const HttpRequest& request, Respond respond) -> CancelRequest {
    const auto accept = request.headers.Find("Accept");
    const MetricFormat format = MetricFormatFor(accept ? *accept : std::string_view());
    const absl::Time deadline = SteadyNow() + sources.patience;
    sources.health->CheckHealth(deadline,
                                [sources, format, deadline, respond = std::move(respond)](const absl::Status& health) mutable {
                                  sources.own->OnHealth(health);
                                  Collect(sources, format, deadline, std::move(respond));
                                });
    return {};
  };
}

}  // namespace verdict
