# Makes one object of the Rust archive and hides every name in it but ts_*, so that it meets no other Rust, and no
# other library, in the firmware that links it. Input: CC, AR, NM, OBJCOPY, INPUT, OUTPUT.

if(EXISTS ${OUTPUT} AND NOT ${INPUT} IS_NEWER_THAN ${OUTPUT})
  return()
endif()

function(run)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE out ERROR_VARIABLE err)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN}:\n${err}")
  endif()
  set(output "${out}" PARENT_SCOPE)
endfunction()

# The functions that the archive offers; what they need comes along, nothing else.
run(${NM} -g --defined-only ${INPUT})
string(REGEX MATCHALL " T ts_[a-z0-9_]+" symbols "${output}")
# Between our Rust and the C of crates: nobody else's business.
list(FILTER symbols EXCLUDE REGEX " T ts_(fat|lfs2?|tls)_")
list(TRANSFORM symbols REPLACE "^ T " "-Wl,-u,")
if(NOT symbols)
  message(FATAL_ERROR "${INPUT} offers no function ts_*")
endif()

set(object ${OUTPUT}.o)
file(REMOVE ${OUTPUT}.new)
run(${CC} -r -nostdlib ${symbols} -Wl,--gc-sections ${INPUT} -o ${object})
# Rust's own objects carry their bitcode, which means nothing any more.
run(${OBJCOPY} --wildcard --keep-global-symbol=!ts_fat_* --keep-global-symbol=!ts_lfs_*
    --keep-global-symbol=!ts_lfs2_* --keep-global-symbol=!ts_tls_* --keep-global-symbol=ts_* --remove-section=.llvmbc --remove-section=.llvmcmd ${object})
run(${AR} rcs ${OUTPUT}.new ${object})
file(REMOVE ${object})
file(RENAME ${OUTPUT}.new ${OUTPUT}) # Only what is whole gets the name.
