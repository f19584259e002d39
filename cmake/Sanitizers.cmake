# VERDICT_SANITIZE=address,undefined | thread: for all targets, because a mixed program reports nonsense.
if(VERDICT_SANITIZE)
  add_compile_options(-fsanitize=${VERDICT_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=undefined)
  add_link_options(-fsanitize=${VERDICT_SANITIZE})
endif()
# Fuzz targets learn from the branches that an input takes, in all code of ours.
if(VERDICT_FUZZ)
  add_compile_options(-fsanitize=fuzzer-no-link)
endif()
