#include "gateway/http/trace_context.h"

#include <string>

#include "gtest/gtest.h"

namespace verdict {
namespace {

constexpr char kParent[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

HttpRequest With(std::string_view name, std::string_view value) {
  HttpRequest request;
  request.headers.Add(name, value);
  return request;
}

TEST(TraceContextTest, ComesFromItsHeaderOrInsideTheCustomAttributes) {
  EXPECT_EQ(TraceParent(With("Traceparent", kParent)), kParent);
  for (const std::string& attributes : {"traceparent=" + std::string(kParent), "a=b;traceparent: " + std::string(kParent) + ";c",
                                        R"({"traceparent":")" + std::string(kParent) + R"("})"}) {
    EXPECT_EQ(TraceParent(With("x-amzn-sagemaker-custom-attributes", attributes)), kParent) << attributes;
  }
}

TEST(TraceContextTest, LaterVersionsMaySayMore) {
  EXPECT_EQ(TraceParent(With("traceparent", "01" + std::string(kParent).substr(2) + "-more")),
            "01" + std::string(kParent).substr(2));
}

TEST(TraceContextTest, WhatIsMalformedIsNoTrace) {
  const std::string good = kParent;
  for (const std::string& bad :
       {std::string(), std::string("x"), good.substr(1), "ff" + good.substr(2), good + "0",
        "00-" + std::string(32, '0') + good.substr(35), good.substr(0, 36) + std::string(16, '0') + "-01",
        "00-0AF7" + good.substr(7), "00_" + good.substr(3)}) {
    EXPECT_EQ(TraceParent(With("traceparent", bad)), "") << bad;
  }
  EXPECT_EQ(TraceParent(HttpRequest()), "");
  EXPECT_EQ(TraceState(HttpRequest()), "");
}

TEST(TraceContextTest, AnInferenceIdIsShortAndVisible) {
  EXPECT_EQ(InferenceId(With("X-Amzn-SageMaker-Inference-Id", "abc-1")), "abc-1");
  EXPECT_EQ(InferenceId(With("X-Amzn-SageMaker-Inference-Id", std::string(65, 'a'))), "");
  EXPECT_EQ(InferenceId(With("X-Amzn-SageMaker-Inference-Id", "a b")), "");
  EXPECT_EQ(InferenceId(HttpRequest()), "");
}

}  // namespace
}  // namespace verdict
