# Short builds: ccache and mold where they are installed. What one clone has compiled, another finds in the cache, whatever its path.
find_program(VERDICT_CCACHE ccache)
if(VERDICT_CCACHE AND NOT CMAKE_CXX_COMPILER_LAUNCHER)
  set(CMAKE_CXX_COMPILER_LAUNCHER ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=pch_defines,time_macros,include_file_mtime,include_file_ctime
      CCACHE_BASEDIR=${CMAKE_SOURCE_DIR} CCACHE_NOHASHDIR=true ${VERDICT_CCACHE})
endif()
find_program(VERDICT_MOLD mold)
if(VERDICT_MOLD)
  add_link_options(-fuse-ld=mold)
endif()
add_link_options(-Wl,--as-needed)
