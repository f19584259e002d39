# verdict_proto_library(NAME target SOURCES a.proto … [DEPENDS target …]): messages and gRPC stubs of the .proto files, included
# by their path from the folder proto/.
function(verdict_proto_library)
  cmake_parse_arguments(ARG "" "NAME" "SOURCES;DEPENDS" ${ARGN})
  set(root "${PROJECT_SOURCE_DIR}/proto")
  set(out "${PROJECT_BINARY_DIR}/proto")
  file(MAKE_DIRECTORY "${out}")
  set(generated)
  foreach(source ${ARG_SOURCES})
    string(REGEX REPLACE "\\.proto$" "" stem "${source}")
    set(files "${out}/${stem}.pb.cc" "${out}/${stem}.pb.h" "${out}/${stem}.grpc.pb.cc" "${out}/${stem}.grpc.pb.h")
    add_custom_command(
      OUTPUT ${files}
      COMMAND protobuf::protoc -I "${root}" --cpp_out=${out} --grpc_out=${out} --plugin=protoc-gen-grpc=$<TARGET_FILE:gRPC::grpc_cpp_plugin> "${root}/${source}"
      DEPENDS "${root}/${source}"
      VERBATIM)
    list(APPEND generated ${files})
  endforeach()
  add_library(${ARG_NAME} STATIC ${generated})
  target_include_directories(${ARG_NAME} SYSTEM PUBLIC "${out}")
  target_link_libraries(${ARG_NAME} PUBLIC gRPC::grpc++ protobuf::libprotobuf ${ARG_DEPENDS})
endfunction()
