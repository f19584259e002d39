#include "gateway/health_routes.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"

namespace verdict {
namespace {

struct Check {
  std::string_view name;
  absl::Status status;
};

bool IsVerbose(std::string_view query) {
  for (const absl::string_view part : absl::StrSplit(absl::string_view(query.data(), query.size()), '&')) {
    if (part == "verbose" || part == "verbose=1" || part == "verbose=true") return true;
  }
  return false;
}

HttpResponse Tell(const HttpRequest& request, std::string_view probe, const std::vector<Check>& checks) {
  bool passed = true;
  std::string lines;
  for (const Check& check : checks) {
    passed = passed && check.status.ok();
    const absl::string_view name(check.name.data(), check.name.size());
    if (check.status.ok()) {
      absl::StrAppend(&lines, "[+]", name, " ok\n");
    } else {
      absl::StrAppend(&lines, "[-]", name, " failed: ", check.status.message(), "\n");
    }
  }
  HttpResponse response{.status = passed ? 200 : 503, .content_type = "text/plain; charset=utf-8", .body = "ok\n"};
  response.headers.Add("Cache-Control", "no-store");
  if (!passed) response.headers.Add("Retry-After", "1");
  if (!passed || IsVerbose(request.query)) {
    response.body =
        absl::StrCat(lines, absl::string_view(probe.data(), probe.size()), " check ", passed ? "passed" : "failed", "\n");
  }
  return response;
}

absl::Status StateOf(const Lifecycle& lifecycle) {
  return lifecycle.leaving() ? absl::UnavailableError("it is shutting down") : absl::OkStatus();
}

CancelRequest Live(const HttpRequest& request, Respond respond) {
  respond(Tell(request, "livez", {{"gateway", absl::OkStatus()}}));
  return {};
}

HttpHandler Ready(ServiceAccess service) {
  return [service = std::move(service)](const HttpRequest& request, Respond respond) -> CancelRequest {
    // The gateway's own state has a line of its own, so the service is asked even when the gateway is about to end.
    service.CheckService([&request, lifecycle = service.lifecycle, respond = std::move(respond)](absl::Status health) mutable {
      respond(Tell(request, "readyz", {{"gateway", StateOf(*lifecycle)}, {"service", std::move(health)}}));
    });
    return {};
  };
}

HttpHandler Started(ServiceAccess service) {
  return [service = std::move(service)](const HttpRequest& request, Respond respond) -> CancelRequest {
    if (service.lifecycle->started()) {
      respond(Tell(request, "startupz", {{"service", absl::OkStatus()}}));
      return {};
    }
    service.CheckService([&request, respond = std::move(respond)](absl::Status health) mutable {
      respond(Tell(request, "startupz", {{"service", std::move(health)}}));
    });
    return {};
  };
}

}  // namespace

void AddHealthRoutes(Router& router, const ServiceAccess& service) {
  // Whoever restarts containers or balances load asks without credentials.
  const auto add = [&router](const char* path, HttpHandler handler) {
    router.Add({.method = "GET", .path = path, .handler = std::move(handler), .role = std::nullopt});
  };
  add("/livez", Live);
  add("/readyz", Ready(service));
  add("/startupz", Started(service));
}

}  // namespace verdict
