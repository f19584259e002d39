# verdict_warnings: linked privately by every target of ours; warnings are errors in our code, never in other people's headers.
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
if(NOT CMAKE_BUILD_TYPE)
  set(CMAKE_BUILD_TYPE Release CACHE STRING "" FORCE)
endif()
set(CMAKE_CXX_FLAGS_RELEASE "-O2 -g1 -DNDEBUG")
set(CMAKE_CXX_FLAGS_DEBUG "-Og -g1")

add_library(verdict_warnings INTERFACE)
target_compile_options(verdict_warnings INTERFACE -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor -Woverloaded-virtual -Werror)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  add_compile_options(-Wno-unknown-warning-option)  # those that are for GCC
endif()
# GCC 12 reports values inside std::optional and coroutine frames as maybe uninitialised when sanitizers are on.
if(VERDICT_SANITIZE)
  target_compile_options(verdict_warnings INTERFACE -Wno-maybe-uninitialized)
endif()
