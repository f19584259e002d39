// Classifies texts, or the lines of a file.
//
//   classify ADDRESS [--model NAME] TEXT…          one call
//   classify ADDRESS [--model NAME] --lines FILE   one stream
//
// Prints `label<TAB>score<TAB>text` for each.
#include <chrono>
#include <cstdio>
#include <deque>
#include <fstream>
#include <iostream>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "google/rpc/error_details.pb.h"
#include "google/rpc/status.pb.h"
#include "grpc/health/v1/health.grpc.pb.h"
#include "grpcpp/grpcpp.h"
#include "verdict/v1/classifier.grpc.pb.h"

namespace {

using grpc::health::v1::Health;
using grpc::health::v1::HealthCheckRequest;
using grpc::health::v1::HealthCheckResponse;
using verdict::v1::Classifier;

constexpr std::chrono::seconds kDeadline{10};
// As docs/service_config.json has it for Classify: UNAVAILABLE is tried again.
constexpr char kServiceConfig[] =
    R"({"methodConfig": [{"name": [{"service": "verdict.v1.Classifier", "method": "Classify"}], "timeout": "10s",)"
    R"("retryPolicy": {"maxAttempts": 3, "initialBackoff": "0.05s", "maxBackoff": "1s", "backoffMultiplier": 2,)"
    R"("retryableStatusCodes": ["UNAVAILABLE"]}}], "retryThrottling": {"maxTokens": 100, "tokenRatio": 0.1}})";

struct Arguments {
  std::string address, model, lines;
  std::vector<std::string> texts;
};

void AddText(const std::string& text, verdict::v1::ClassifyRequest& request) {
  request.mutable_options()->set_top_k(1);
  request.add_inputs()->set_text(text);
}

void Show(const std::string& text, const verdict::v1::Classification& result) {
  std::printf("%s\t%.4f\t%s\n", result.labels(0).label().c_str(), result.labels(0).score(), text.c_str());
}

// What a google.rpc.Status says, details and all.
void Explain(const google::rpc::Status& status) {
  std::cerr << "error: " << status.message() << "\n";
  google::rpc::ErrorInfo info;
  google::rpc::BadRequest bad;
  google::rpc::RetryInfo retry;
  for (const auto& detail : status.details()) {
    if (detail.UnpackTo(&info)) {
      std::cerr << "  reason: " << info.domain() << " " << info.reason() << "\n";
    } else if (detail.UnpackTo(&bad)) {
      for (const auto& violation : bad.field_violations())
        std::cerr << "  field: " << violation.field() << ": " << violation.description() << "\n";
    } else if (detail.UnpackTo(&retry)) {
      std::cerr << "  try again after: " << retry.retry_delay().seconds() << " s\n";
    }
  }
}

// The exit code.
int Report(const grpc::Status& status) {
  if (status.ok()) return 0;
  google::rpc::Status details;
  if (!status.error_details().empty() && details.ParseFromString(status.error_details())) {
    Explain(details);
  } else {  // gRPC's own: not connected, too large, …
    std::cerr << "error: " << status.error_message() << "\n";
  }
  return 1;
}

grpc::Status CheckHealth(const std::shared_ptr<grpc::Channel>& channel) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  HealthCheckRequest request;
  request.set_service("verdict.v1.Classifier");
  HealthCheckResponse response;
  const grpc::Status status = Health::NewStub(channel)->Check(&context, request, &response);
  if (status.ok() && response.status() != HealthCheckResponse::SERVING)
    return {grpc::StatusCode::UNAVAILABLE, "the service is up but takes no requests yet, or no longer"};
  return status;
}

int Classify(Classifier::Stub& classifier, const Arguments& arguments) {
  grpc::ClientContext context;
  context.set_deadline(std::chrono::system_clock::now() + kDeadline);
  verdict::v1::ClassifyRequest request;
  request.set_model(arguments.model);
  for (const std::string& text : arguments.texts) AddText(text, request);
  verdict::v1::ClassifyResponse response;
  const grpc::Status status = classifier.Classify(&context, request, &response);
  for (int i = 0; i < response.results_size(); ++i) Show(request.inputs(i).text(), response.results(i));
  return Report(status);
}

// Every line is a request, written on one thread while the answers, which come in order, are read on another. Write waits while
// the service reads no further.
int Stream(Classifier::Stub& classifier, const Arguments& arguments) {
  std::ifstream file(arguments.lines);
  if (!file) {
    std::cerr << "error: cannot read " << arguments.lines << "\n";
    return 1;
  }
  grpc::ClientContext context;
  const auto stream = classifier.StreamClassify(&context);
  std::mutex mutex;
  std::deque<std::string> unanswered;
  std::thread writer([&] {
    std::string line;
    for (int number = 1; std::getline(file, line); ++number) {
      verdict::v1::StreamClassifyRequest message;
      message.set_id(std::to_string(number));
      message.mutable_request()->set_model(arguments.model);
      AddText(line, *message.mutable_request());
      {
        const std::lock_guard lock(mutex);
        unanswered.push_back(line);
      }
      if (!stream->Write(message)) return;  // Finish says why
    }
    stream->WritesDone();
  });
  int failed = 0;
  verdict::v1::StreamClassifyResponse answer;
  while (stream->Read(&answer)) {
    std::string line;
    {
      const std::lock_guard lock(mutex);
      line = std::move(unanswered.front());
      unanswered.pop_front();
    }
    if (answer.has_error()) {
      std::cerr << "line " << answer.id() << ": ";
      Explain(answer.error());
      ++failed;
    } else {
      Show(line, answer.response().results(0));
    }
  }
  writer.join();
  const int code = Report(stream->Finish());
  return failed > 0 ? 1 : code;
}

bool Parse(int argc, char** argv, Arguments& arguments) {
  const std::vector<std::string> words(argv + 1, argv + argc);
  for (size_t i = 0; i < words.size(); ++i) {
    const bool option = words[i] == "--model" || words[i] == "--lines";
    if (option && i + 1 == words.size()) return false;
    if (option) {
      (words[i] == "--model" ? arguments.model : arguments.lines) = words[i + 1];
      ++i;
    } else if (arguments.address.empty()) {
      arguments.address = words[i];
    } else {
      arguments.texts.push_back(words[i]);
    }
  }
  return !arguments.address.empty();
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  if (!Parse(argc, argv, arguments)) {
    std::cerr << "usage: classify ADDRESS [--model NAME] (TEXT… | --lines FILE)\n";
    return 2;
  }
  grpc::ChannelArguments settings;
  settings.SetServiceConfigJSON(kServiceConfig);
  const auto channel = grpc::CreateCustomChannel(arguments.address, grpc::InsecureChannelCredentials(), settings);
  if (const grpc::Status health = CheckHealth(channel); !health.ok()) return Report(health);
  const auto classifier = Classifier::NewStub(channel);
  return arguments.lines.empty() ? Classify(*classifier, arguments) : Stream(*classifier, arguments);
}
