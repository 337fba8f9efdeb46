# libthreadsnake.a as the imported target `threadsnake_static`.

set(THREADSNAKE_CARGO_DIR ${threadsnake_BINARY_DIR}/cargo CACHE PATH "cargo's folder; builds may share one")
set(threadsnake_cargo_dir ${THREADSNAKE_CARGO_DIR})
set(threadsnake_archive ${threadsnake_BINARY_DIR}/libthreadsnake.a)
set(threadsnake_rust_archive ${threadsnake_cargo_dir}/${THREADSNAKE_TARGET}/release/libthreadsnake_capi.a)

# No folder of this machine gets into the image.
set(threadsnake_flags ${THREADSNAKE_RUSTFLAGS} --remap-path-prefix=${threadsnake_SOURCE_DIR}/=
    --remap-path-prefix=/usr/lib/rustlib/src=)
set(threadsnake_cargo_home $ENV{HOME}/.cargo)
if(DEFINED ENV{CARGO_HOME})
  set(threadsnake_cargo_home $ENV{CARGO_HOME})
endif()
list(APPEND threadsnake_flags --remap-path-prefix=${threadsnake_cargo_home}=cargo)
list(JOIN threadsnake_flags " " threadsnake_flags)
# The same for the C that crates bring.
set(threadsnake_cflags "-ffile-prefix-map=${threadsnake_SOURCE_DIR}/= -ffile-prefix-map=${threadsnake_cargo_home}=cargo")
string(APPEND threadsnake_cflags " -ffile-prefix-map=${threadsnake_cargo_dir}=build")

# Frozen modules and names: a tool of this machine writes them as Rust, which the build takes in.
if(THREADSNAKE_FROZEN_MANIFEST OR THREADSNAKE_ROM_NAMES)
  set(threadsnake_frozen ${threadsnake_BINARY_DIR}/frozen.rs)
  set(threadsnake_freeze_args -o ${threadsnake_frozen})
  foreach(file IN LISTS THREADSNAKE_ROM_NAMES)
    list(APPEND threadsnake_freeze_args --names ${file})
  endforeach()
  set(threadsnake_freeze
    COMMAND ${CMAKE_COMMAND} -E env --unset=RUSTFLAGS --unset=CARGO_ENCODED_RUSTFLAGS --unset=CARGO_BUILD_TARGET
            ${THREADSNAKE_CARGO} run --quiet --locked --package threadsnake-cross --bin threadsnake-freeze
            --target-dir ${threadsnake_cargo_dir} -- ${threadsnake_freeze_args} ${THREADSNAKE_FROZEN_MANIFEST})
else()
  set(threadsnake_frozen "")
  set(threadsnake_freeze "")
endif()

# Cargo knows best whether there is something to do; the second step looks at the times.
add_custom_target(threadsnake_build
  ${threadsnake_freeze}
  COMMAND ${threadsnake_cargo_command} "RUSTFLAGS=${threadsnake_flags}" "CFLAGS=${threadsnake_cflags}" THREADSNAKE_FROZEN=${threadsnake_frozen}
          ${THREADSNAKE_CARGO} ${threadsnake_cargo_args}
          --target-dir ${threadsnake_cargo_dir}
  COMMAND ${CMAKE_COMMAND} -DCC=${CMAKE_C_COMPILER} -DAR=${CMAKE_AR} -DNM=${CMAKE_NM} -DOBJCOPY=${CMAKE_OBJCOPY}
          -DINPUT=${threadsnake_rust_archive} -DOUTPUT=${threadsnake_archive}
          -P ${threadsnake_SOURCE_DIR}/tools/cmake/prelink.cmake
  BYPRODUCTS ${threadsnake_archive}
  WORKING_DIRECTORY ${threadsnake_SOURCE_DIR}
  COMMENT "Building libthreadsnake.a"
  VERBATIM USES_TERMINAL)

add_library(threadsnake_static STATIC IMPORTED GLOBAL)
add_dependencies(threadsnake_static threadsnake_build)
set_target_properties(threadsnake_static PROPERTIES IMPORTED_LOCATION ${threadsnake_archive})
target_link_libraries(threadsnake_static INTERFACE threadsnake_shim)
if(THREADSNAKE_NET)
  target_link_libraries(threadsnake_static INTERFACE threadsnake_net)
endif()
