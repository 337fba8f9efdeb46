# Which Rust target, and which toolchain builds it: an installed target is used; otherwise Debian's Rust builds `core`
# from its sources. Nothing is downloaded. Sets THREADSNAKE_TARGET and threadsnake_cargo_command (a list).

if(NOT DEFINED THREADSNAKE_TARGET)
  if(NOT CMAKE_CROSSCOMPILING)
    set(THREADSNAKE_TARGET "")
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^cortex-m3$")
    set(THREADSNAKE_TARGET thumbv7m-none-eabi)
  elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^cortex-m7$")
    set(THREADSNAKE_TARGET thumbv7em-none-eabihf)
  else()
    message(FATAL_ERROR "Threadsnake: set THREADSNAKE_TARGET to Rust's name of the target "
                        "(CMAKE_SYSTEM_PROCESSOR is \"${CMAKE_SYSTEM_PROCESSOR}\")")
  endif()
endif()

if(NOT THREADSNAKE_CARGO)
  find_program(THREADSNAKE_CARGO cargo PATHS "$ENV{HOME}/.cargo/bin")
endif()
if(NOT THREADSNAKE_CARGO)
  message(FATAL_ERROR "Threadsnake: cargo is missing (apt-get install cargo-web, or rustup); "
                      "THREADSNAKE_CARGO may name it")
endif()

# Flags and folders meant for another build do not belong into this one.
set(threadsnake_cargo_command
  ${CMAKE_COMMAND} -E env --unset=RUSTFLAGS --unset=CARGO_ENCODED_RUSTFLAGS --unset=CARGO_BUILD_TARGET
  --unset=CARGO_TARGET_DIR --unset=CARGO_BUILD_RUSTFLAGS --unset=RUSTC)
set(threadsnake_cargo_args build --quiet --locked --release --package threadsnake-capi
    --no-default-features)

if(THREADSNAKE_TARGET)
  list(APPEND threadsnake_cargo_args --target ${THREADSNAKE_TARGET})
  if(NOT THREADSNAKE_RUSTC)
    set(THREADSNAKE_RUSTC "$ENV{THREADSNAKE_RUSTC}")
  endif()
  execute_process(COMMAND rustc --print sysroot OUTPUT_VARIABLE sysroot ERROR_QUIET
                  OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(THREADSNAKE_RUSTC STREQUAL system OR NOT IS_DIRECTORY "${sysroot}/lib/rustlib/${THREADSNAKE_TARGET}")
    execute_process(COMMAND /usr/bin/rustc --print sysroot OUTPUT_VARIABLE sysroot ERROR_QUIET
                    OUTPUT_STRIP_TRAILING_WHITESPACE)
    if(NOT IS_DIRECTORY "${sysroot}/lib/rustlib/src/rust/library/core")
      message(FATAL_ERROR "Threadsnake: no Rust for ${THREADSNAKE_TARGET}: rustup target add ${THREADSNAKE_TARGET}, "
                          "or apt-get install rustc-web rust-web-src")
    endif()
    list(APPEND threadsnake_cargo_command RUSTC=/usr/bin/rustc RUSTC_BOOTSTRAP=1)
    list(APPEND threadsnake_cargo_args -Zbuild-std=core,alloc)
  endif()
endif()
