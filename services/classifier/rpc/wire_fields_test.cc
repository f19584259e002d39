#include "services/classifier/rpc/wire_fields.h"

#include <string>
#include <string_view>
#include <vector>

#include "gtest/gtest.h"
#include "services/classifier/rpc/unary_call.h"
#include "verdict/v1/classifier.pb.h"

namespace verdict {
namespace {

grpc::ByteBuffer Buffer(const std::string& bytes) {
  const grpc::Slice slice(bytes);
  return grpc::ByteBuffer(&slice, 1);
}

grpc::ByteBuffer Buffer(const google::protobuf::MessageLite& message) { return Buffer(message.SerializeAsString()); }

std::string Repeated(std::string_view piece, int times) {
  std::string all;
  for (int i = 0; i < times; ++i) all += piece;
  return all;
}

v1::ClassifyRequest Request(int inputs) {
  v1::ClassifyRequest request;
  request.set_model("m");
  for (int i = 0; i < inputs; ++i) {
    request.add_inputs()->set_text("a text with its own bytes: \x0a\x00\x0a");
    request.mutable_inputs(i)->set_text_pair("b");
  }
  return request;
}

constexpr int kInputs = v1::ClassifyRequest::kInputsFieldNumber;
constexpr int kRequest = v1::StreamClassifyRequest::kRequestFieldNumber;

TEST(WireFieldsTest, CountsWhatLiesOnThePath) {
  const grpc::ByteBuffer buffer = Buffer(Request(3));
  EXPECT_EQ(CountFields(buffer, {}), 4);
  EXPECT_EQ(CountFields(buffer, {kInputs}), 4 + 3 * 2);
  v1::StreamClassifyRequest message;
  message.set_id("id");
  *message.mutable_request() = Request(3);
  EXPECT_EQ(CountFields(Buffer(message), {kRequest, kInputs}), 2 + 4 + 3 * 2);
  EXPECT_EQ(CountFields(Buffer(std::string()), {kInputs}), 0);
}

TEST(WireFieldsTest, AMessageInSeveralSlicesIsOneMessage) {
  const std::string bytes = Request(50).SerializeAsString();
  std::vector<grpc::Slice> slices;
  for (size_t i = 0; i < bytes.size(); i += 7) slices.emplace_back(bytes.substr(i, 7));
  EXPECT_EQ(CountFields(grpc::ByteBuffer(slices.data(), slices.size()), {kInputs}), 1 + 50 * 3);
}

TEST(WireFieldsTest, AFullRequestPasses) {
  EXPECT_TRUE(CheckFields(Buffer(Request(1024)), {kInputs}, 1024).ok());
  EXPECT_TRUE(CheckFields(Buffer(Request(1)), {kInputs}, 1).ok());
}

TEST(WireFieldsTest, ManyEmptyInputsAreRefusedUnparsed) {
  static_assert(kInputs == 3);
  const std::string input("\x1A\x00", 2);
  const absl::Status status = CheckFields(Buffer(Repeated(input, 100'000)), {kInputs}, 1024);
  EXPECT_EQ(status.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_NE(std::string(status.message()).find("100000 fields"), std::string::npos) << status;
}

TEST(WireFieldsTest, FieldsThatNobodyKnowsCountToo) {
  const std::string unknown("\xFA\x01\x00", 3);  // field 31, empty
  EXPECT_FALSE(CheckFields(Buffer(Repeated(unknown, 100'000)), {kInputs}, 1024).ok());
  const std::string inside = "\x1A\xB0\xEA\x01" + Repeated(unknown, 10'000);  // an input of 30,000 bytes
  EXPECT_EQ(CountFields(Buffer(inside), {kInputs}), 10'001);
}

TEST(WireFieldsTest, WhatIsNoMessageIsLeftToTheParser) {
  for (const std::string bytes :
       {"\x0A", "\x0A\x05", "\x0A\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF\xFF", "\x07", "\xFF\xFF\xFF\xFF\xFF\xFF", "\x0B\x0B\x0C"}) {
    EXPECT_TRUE(CheckFields(Buffer(bytes), {kInputs}, 1).ok());
    v1::ClassifyRequest message;
    EXPECT_FALSE(ParseMessage(Buffer(bytes), message)) << testing::PrintToString(bytes);
  }
}

}  // namespace
}  // namespace verdict
