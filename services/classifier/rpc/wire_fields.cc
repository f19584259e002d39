#include "services/classifier/rpc/wire_fields.h"

#include <limits>

#include "absl/strings/str_cat.h"
#include "google/protobuf/io/coded_stream.h"
#include "google/protobuf/wire_format_lite.h"
#include "grpcpp/support/proto_buffer_reader.h"

namespace verdict {
namespace {

using google::protobuf::internal::WireFormatLite;
using google::protobuf::io::CodedInputStream;
using Path = std::initializer_list<int>;

// An input is a field, and so are its text and its second text; one more for what another version of the interface may have.
constexpr int64_t kFieldsOfAnInput = 4;
// Names, options, tensors' names and shapes, parameters.
constexpr int64_t kFieldsBeside = 1024;

// Adds to `count` until the end, or the limit, of `in`. False where the bytes are no fields.
bool Count(CodedInputStream& in, Path::const_iterator step, Path::const_iterator end, int64_t& count) {
  while (const uint32_t tag = in.ReadTag()) {
    ++count;
    const bool is_bytes = WireFormatLite::GetTagWireType(tag) == WireFormatLite::WIRETYPE_LENGTH_DELIMITED;
    if (step == end || !is_bytes || WireFormatLite::GetTagFieldNumber(tag) != *step) {
      if (!WireFormatLite::SkipField(&in, tag)) return false;
      continue;
    }
    int length;
    if (!in.ReadVarintSizeAsInt(&length)) return false;
    const CodedInputStream::Limit limit = in.PushLimit(length);
    if (!Count(in, step + 1, end, count) || in.BytesUntilLimit() != 0) return false;
    in.PopLimit(limit);
  }
  return true;
}

}  // namespace

int64_t CountFields(const grpc::ByteBuffer& message, Path path) {
  grpc::ByteBuffer bytes = message;  // shares the slices
  grpc::ProtoBufferReader reader(&bytes);
  CodedInputStream in(&reader);
  in.SetTotalBytesLimit(std::numeric_limits<int>::max());
  int64_t count = 0;
  Count(in, path.begin(), path.end(), count);
  return count;
}

absl::Status CheckFields(const grpc::ByteBuffer& message, Path path, int max_inputs) {
  const int64_t fields = CountFields(message, path);
  if (fields <= kFieldsOfAnInput * max_inputs + kFieldsBeside) return absl::OkStatus();
  return absl::InvalidArgumentError(
      absl::StrCat("inputs: the message has ", fields, " fields; at most ", max_inputs, " texts are taken in one request"));
}

}  // namespace verdict
