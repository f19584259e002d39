#include "gateway/sentiment_options.h"

#include <climits>
#include <cstdlib>
#include <string_view>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

// The port of "host:port", "[v6]:port" or "port".
std::string_view PortOf(std::string_view address) { return address.substr(address.rfind(':') + 1); }  // npos + 1 is 0

// A port alone is one at $HOST, as the sentiment service has it.
std::string WithHost(const std::string& listen) {
  const char* const host = std::getenv("HOST");
  if (listen.find(':') != std::string::npos || host == nullptr || *host == '\0') return listen;
  const bool v6 = std::string_view(host).find(':') != std::string_view::npos && *host != '[';
  return v6 ? absl::StrCat("[", host, "]:", listen) : absl::StrCat(host, ":", listen);
}

// "*", or scheme and host, and perhaps a port: what browsers send, which has no path.
bool IsOrigin(std::string_view text) {
  if (text == "*" || text == "null") return true;
  const size_t host = text.find("://");
  return host != std::string_view::npos && host > 0 && host + 3 < text.size() &&
         text.find_first_of("/?# ,", host + 3) == std::string_view::npos;
}

}  // namespace

void DeclareSentimentOptions(OptionParser& parser, SentimentFlags& flags) {
  parser.Add(
      "sentiment-listen", flags.listen,
      "Where the sentiment service's contract is to be had on a port of its own, too, as --http-listen; a port alone is one "
      "at $HOST. Empty, or the port of --http-listen: there only",
      {"PORT"});
  parser.Add("sentiment-service-name", flags.dialect.service_name, "The sentiment contract: what /health and / call the service",
             {"SERVICE_NAME"});
  parser
      .Add(
          "sentiment-max-batch-size", flags.dialect.max_batch_size,
          "The sentiment contract: more texts in one /predict_batch get a 400; the service has a limit of its own (--max-inputs)",
          {"MAX_BATCH_SIZE"})
      ->check(CLI::Range(1, INT_MAX));
  parser.Add(
      "sentiment-model-uri", flags.dialect.model_uri,
      "The sentiment contract: what /models/info gives as model_uri, and model_name and stage from it. Nothing is loaded from "
      "there",
      {"MODEL_URI"});
  parser
      .Add("cors-origins", flags.cors_origins,
           "Origins whose web pages may use the HTTP side (https://example.com; * for all, without cookies). Empty: none, but "
           "all on "
           "the port of --sentiment-listen")
      ->delimiter(',');
}

absl::Status ApplySentimentOptions(const SentimentFlags& flags, Gateway::Options& options) {
  for (const std::string& origin : flags.cors_origins) {
    if (!IsOrigin(origin)) {
      return absl::InvalidArgumentError(
          absl::StrCat("--cors-origins: \"", origin, "\" is no origin; one looks like https://example.com, without a path"));
    }
  }
  options.http.conventions.cors.origins = flags.cors_origins;
  options.dialects.sentiment = flags.dialect;
  const std::string_view port = PortOf(flags.listen);
  if (port == "0" || port != PortOf(options.http.listen))
    options.sentiment_listen = flags.listen.empty() ? "" : WithHost(flags.listen);
  return absl::OkStatus();
}

}  // namespace verdict
