# verdict_torch: LibTorch for a CPU. In this order: VERDICT_TORCH_DIR, a torch found through CMAKE_PREFIX_PATH, the one that
# scripts/fetch_libtorch.sh put under third_party/libtorch. An imported target rather than find_package(Torch): the package
# file of a CUDA build asks for a CUDA toolkit, which a CPU does not need. See docs/adr on where LibTorch comes from.
set(candidates ${VERDICT_TORCH_DIR})
if(NOT VERDICT_TORCH_DIR)
  foreach(prefix ${CMAKE_PREFIX_PATH})
    list(APPEND candidates "${prefix}" "${prefix}/torch" "${prefix}/../../.." "${prefix}/..")
  endforeach()
  list(APPEND candidates "${PROJECT_SOURCE_DIR}/third_party/libtorch")
endif()
set(VERDICT_TORCH_ROOT)
foreach(candidate ${candidates})
  if(EXISTS "${candidate}/lib/libtorch_cpu.so" AND EXISTS "${candidate}/include/torch/csrc/api/include/torch/torch.h")
    get_filename_component(VERDICT_TORCH_ROOT "${candidate}" REALPATH)
    break()
  endif()
endforeach()
if(NOT VERDICT_TORCH_ROOT)
  message(FATAL_ERROR "No LibTorch found (looked in: ${candidates}). Run scripts/fetch_libtorch.sh, or set -DVERDICT_TORCH_DIR to a folder with include/ and lib/libtorch_cpu.so.")
endif()
set(version_file "${VERDICT_TORCH_ROOT}/include/torch/headeronly/version.h")
if(NOT EXISTS "${version_file}")  # before 2.12 or so
  set(version_file "${VERDICT_TORCH_ROOT}/include/torch/csrc/api/include/torch/version.h")
endif()
file(STRINGS "${version_file}" version_lines REGEX "define TORCH_VERSION_(MAJOR|MINOR|PATCH) ")
string(REGEX REPLACE "[^0-9;]" "" version_numbers "${version_lines}")
list(JOIN version_numbers "." VERDICT_TORCH_VERSION)
message(STATUS "LibTorch ${VERDICT_TORCH_VERSION} in ${VERDICT_TORCH_ROOT}")

add_library(verdict_c10 SHARED IMPORTED)
set_target_properties(verdict_c10 PROPERTIES IMPORTED_LOCATION "${VERDICT_TORCH_ROOT}/lib/libc10.so")
add_library(verdict_torch SHARED IMPORTED)
set_target_properties(verdict_torch PROPERTIES
  IMPORTED_LOCATION "${VERDICT_TORCH_ROOT}/lib/libtorch_cpu.so"
  INTERFACE_LINK_LIBRARIES verdict_c10
  INTERFACE_INCLUDE_DIRECTORIES "${VERDICT_TORCH_ROOT}/include;${VERDICT_TORCH_ROOT}/include/torch/csrc/api/include")
