// LibTorch, gRPC, protobuf and abseil bring symbols of their own into one process; this test fails where two of
// them would resolve to each other's.
#include <ATen/ATen.h>
#include <dlfcn.h>

#include <cstring>

#include "google/protobuf/descriptor.h"
#include "grpcpp/grpcpp.h"
#include "gtest/gtest.h"
#include "verdict/v1/classifier.grpc.pb.h"

namespace verdict {
namespace {

std::string FileOf(const void* symbol) {
  Dl_info info;
  return dladdr(symbol, &info) != 0 && info.dli_fname != nullptr ? info.dli_fname : "";
}

TEST(LinkAndLoad, EachLibraryWorksBesideTheOthers) {
  EXPECT_EQ(at::ones({2, 3}).matmul(at::ones({3, 2})).sum().item<float>(), 12);

  v1::ClassifyRequest request, copy;
  request.add_inputs()->set_text("text");
  ASSERT_TRUE(copy.ParseFromString(request.SerializeAsString()));
  EXPECT_EQ(copy.inputs(0).text(), "text");

  int port = 0;
  v1::Classifier::Service service;  // without one there is nothing to poll, and no server
  grpc::ServerBuilder builder;
  builder.RegisterService(&service);
  builder.AddListeningPort("127.0.0.1:0", grpc::InsecureServerCredentials(), &port);
  const auto server = builder.BuildAndStart();
  ASSERT_NE(server, nullptr);
  EXPECT_GT(port, 0);
  EXPECT_EQ(at::ones({4}).sum().item<float>(), 4);
}

TEST(LinkAndLoad, NothingBringsASecondProtobufAlong) {
  EXPECT_EQ(dlopen("libsentencepiece.so.0", RTLD_NOW | RTLD_NOLOAD), nullptr);
}

TEST(LinkAndLoad, ProtobufComesFromOneLibrary) {
  const std::string file = FileOf(reinterpret_cast<const void*>(&google::protobuf::DescriptorPool::generated_pool));
  EXPECT_NE(file.find("libprotobuf"), std::string::npos) << file;
  EXPECT_EQ(dlsym(RTLD_NEXT, "no_such_symbol"), nullptr);
  void* torch = dlopen("libtorch_cpu.so", RTLD_NOW | RTLD_NOLOAD);
  ASSERT_NE(torch, nullptr) << "LibTorch is linked";
  // The mangled name of google::protobuf::DescriptorPool::generated_pool(): LibTorch must not offer one of its own.
  void* theirs = dlsym(torch, "_ZN6google8protobuf14DescriptorPool14generated_poolEv");
  EXPECT_TRUE(theirs == nullptr || FileOf(theirs).find("libtorch") == std::string::npos) << FileOf(theirs);
  dlclose(torch);
}

}  // namespace
}  // namespace verdict
