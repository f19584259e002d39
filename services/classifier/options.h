#pragma once

#include <string>
#include <vector>

#include "common/options.h"
#include "security/options.h"
#include "services/classifier/grpc_options.h"
#include "services/classifier/lifecycle_options.h"
#include "services/classifier/overload_options.h"
#include "services/classifier/service_telemetry.h"

namespace verdict {

// What verdict-service can be told. Every member is a flag, a VERDICT_ variable and a line of the config file; see
// DeclareOptions.
struct ServiceOptions {
  std::string model_dir = "/opt/ml/model";
  std::string model_name = "default";
  std::vector<std::string> models;  // name=directory; these and the next instead of model_dir
  std::string models_dir;
  std::string default_model;
  std::string cascade;  // JSON, or a file of it
  bool multi_model = false;
  std::string models_root = "/opt/ml/models";
  int64_t memory_limit_bytes = 0;  // 0: that of the cgroup, or the machine
  int model_retry_ms = 0;          // 0: a model that cannot be loaded ends the process
  std::string verify_at_load;      // empty: no check
  std::vector<std::string> grpc_listen = {"0.0.0.0:50051"};
  bool allow_torchscript = false;
  std::string precision = "fp32";
  std::string prepared_weights;  // empty: none are kept
  int threads = 0;
  int max_batch_tokens = 1024;
  int max_inputs = 1024;
  int max_windows = 256;
  OverloadOptions overload;
  int max_message_bytes = 32 << 20;
  int max_deadline_ms = 60'000;
  LifecycleOptions lifecycle;
  GrpcOptions grpc;
  SecurityFlags security;
  std::string metrics_listen;  // empty: nowhere
  std::string log_level = "info";
  ServiceTelemetry::Flags telemetry;
};

void DeclareOptions(OptionParser& parser, ServiceOptions& options);

}  // namespace verdict
