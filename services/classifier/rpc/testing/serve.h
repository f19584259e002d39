#pragma once

#include <initializer_list>
#include <memory>
#include <string>
#include <utility>

#include "grpcpp/grpcpp.h"

namespace verdict {

// A server of `services`, which outlive it, on a free port of this machine, and a channel to it.
inline std::pair<std::unique_ptr<grpc::Server>, std::shared_ptr<grpc::Channel>> ServeLocally(
    std::initializer_list<grpc::Service*> services) {
  grpc::ServerBuilder builder;
  int port = 0;
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  for (grpc::Service* service : services) builder.RegisterService(service);
  auto server = builder.BuildAndStart();
  return {std::move(server), grpc::CreateChannel("127.0.0.1:" + std::to_string(port), grpc::InsecureChannelCredentials())};
}

}  // namespace verdict
