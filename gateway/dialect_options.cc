#include "gateway/dialect_options.h"

#include <climits>
#include <string>

#include "absl/strings/str_cat.h"

namespace verdict {
namespace {

// The route as it is compared with a request's path.
absl::Status CheckRoute(std::string_view flag, const std::string& route) {
  if (route.empty() || (route.front() == '/' && route.find_first_of("{}?# ") == std::string::npos)) return absl::OkStatus();
  return absl::InvalidArgumentError(absl::StrCat("--", std::string(flag), " must be a path like /predict, not \"", route, "\""));
}

}  // namespace

DialectFlags::DialectFlags(OptionParser& parser) {
  parser
      .Add("huggingface-format", huggingface_format_,
           "How Hugging Face's callers are answered unless they say by x-verdict-hf-format: flat, as pipelines and SageMaker's "
           "toolkit do; nested, as the hosted API does; auto: /invocations flat, the others nested")
      ->check(CLI::IsMember({"auto", "flat", "nested"}));
  parser
      .Add("tei-max-client-batch-size", tei_max_client_batch_size_,
           "Most texts in a batch of text-embeddings-inference; more are a 422")
      ->check(CLI::Range(1, INT_MAX));
  parser.Add("torchserve-top-k", torchserve_top_k_, "How many labels TorchServe's callers get, the best first; 0: all")
      ->check(CLI::Range(0, INT_MAX));
  parser
      .Add("kserve-predictions", kserve_predictions_,
           "What KServe's and Vertex AI's callers get for a text: labels with label and score; ids, the label's number; "
           "probabilities, by number. The last two are what KServe's Hugging Face server answers")
      ->check(CLI::IsMember({"labels", "ids", "probabilities"}));
  parser.Add("vertex-predict-route", vertex_predict_route_,
             "Where Vertex AI asks for predictions, which it tells; empty: nowhere", {"AIP_PREDICT_ROUTE"});
  parser.Add("vertex-health-route", vertex_health_route_, "Where Vertex AI asks for health, which it tells; empty: nowhere",
             {"AIP_HEALTH_ROUTE"});
}

absl::Status DialectFlags::CopyTo(DialectOptions& options) const {
  if (absl::Status status = CheckRoute("vertex-predict-route", vertex_predict_route_); !status.ok()) return status;
  if (absl::Status status = CheckRoute("vertex-health-route", vertex_health_route_); !status.ok()) return status;
  options.huggingface.format = ParseHuggingFaceFormat(huggingface_format_).value_or(HuggingFaceFormat::kAuto);
  options.text_embeddings_inference.max_client_batch_size = tei_max_client_batch_size_;
  options.torchserve.top_k = torchserve_top_k_;
  options.kserve.predictions = ParseKServePredictions(kserve_predictions_).value_or(KServePredictions::kLabels);
  options.kserve.vertex_predict_route = vertex_predict_route_;
  options.kserve.vertex_health_route = vertex_health_route_;
  return absl::OkStatus();
}

}  // namespace verdict
