#pragma once

#include <cstdint>
#include <initializer_list>

#include "absl/status/status.h"
#include "grpcpp/support/byte_buffer.h"

namespace verdict {

// How many fields a serialised message has, of any number, known or not: its own, and those of the messages in it that lie on
// `path`. {1} is its own fields and the fields of its fields 1; {3, 1} goes one deeper. Allocates nothing. Of bytes that are no
// message, those that come before that shows.
int64_t CountFields(const grpc::ByteBuffer& message, std::initializer_list<int> path);

// Refuses a message of more fields than `max_inputs` texts can have, before it is parsed: an empty input has two bytes and, once
// it is parsed, a hundred. `path` leads to the inputs. Error: kInvalidArgument.
absl::Status CheckFields(const grpc::ByteBuffer& message, std::initializer_list<int> path, int max_inputs);

}  // namespace verdict
