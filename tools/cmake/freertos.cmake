# The kernel as the target `freertos_kernel`, the surrounding project's or ours; and the shim, `threadsnake_shim`.

set(threadsnake_posix_dir ${threadsnake_SOURCE_DIR}/components/freertos/posix)

# The folder of a package that the lock file beside a manifest (below the tree) pins, fetched if need be.
function(threadsnake_package_dir package manifest result)
  execute_process(
    COMMAND ${threadsnake_cargo_command} ${THREADSNAKE_CARGO} metadata --locked --format-version 1
            --manifest-path ${threadsnake_SOURCE_DIR}/${manifest}
    OUTPUT_VARIABLE metadata ERROR_VARIABLE words RESULT_VARIABLE code)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "Threadsnake: cargo metadata failed: ${words}")
  endif()
  # The document has 0.8 MB; one look is enough of a parser. Vendored packages may lack the version.
  if(NOT metadata MATCHES "\"manifest_path\":\"([^\"]*/${package}(-[0-9][^\"/]*)?)/Cargo.toml\"")
    message(FATAL_ERROR "Threadsnake: package ${package} is not in ${manifest}")
  endif()
  set(${result} "${CMAKE_MATCH_1}" PARENT_SCOPE)
endfunction()

function(threadsnake_build_kernel)
  if(NOT TARGET freertos_config)
    message(FATAL_ERROR
      "Threadsnake: there is neither a target freertos_kernel nor a target freertos_config. Define, before "
      "add_subdirectory, the folder of your FreeRTOSConfig.h:\n"
      "  add_library(freertos_config INTERFACE)\n"
      "  target_include_directories(freertos_config INTERFACE <folder>)")
  endif()

  set(origin FREERTOS_KERNEL_PATH)
  if(FREERTOS_KERNEL_PATH)
    get_filename_component(kernel "${FREERTOS_KERNEL_PATH}" ABSOLUTE BASE_DIR "${CMAKE_SOURCE_DIR}")
  elseif(NOT "$ENV{FREERTOS_KERNEL_PATH}" STREQUAL "")
    set(kernel "$ENV{FREERTOS_KERNEL_PATH}")
  else()
    threadsnake_package_dir(freertos-next components/deps/Cargo.toml kernel)
    string(APPEND kernel /FreeRTOS-Kernel)
    set(origin "package freertos-next")
  endif()

  set(port "${THREADSNAKE_FREERTOS_PORT}")
  if(NOT port)
    if(THREADSNAKE_TARGET STREQUAL "")
      set(port ThirdParty/GCC/Posix)
    elseif(THREADSNAKE_TARGET STREQUAL thumbv7m-none-eabi)
      set(port GCC/ARM_CM3)
    elseif(THREADSNAKE_TARGET STREQUAL thumbv7em-none-eabihf)
      set(port GCC/ARM_CM7/r0p1)
    else()
      message(FATAL_ERROR "Threadsnake: set THREADSNAKE_FREERTOS_PORT to the port's folder below portable/")
    endif()
  endif()

  foreach(file tasks.c include/FreeRTOS.h portable/${port}/port.c)
    if(NOT EXISTS ${kernel}/${file})
      message(FATAL_ERROR "Threadsnake: ${kernel} (${origin}) is not a FreeRTOS kernel: it has no ${file}")
    endif()
  endforeach()

  set(THREADSNAKE_KERNEL_DIR ${kernel} CACHE INTERNAL "the kernel's folder, for tests")
  set(sources tasks.c queue.c list.c timers.c event_groups.c stream_buffer.c portable/${port}/port.c)
  if(THREADSNAKE_FREERTOS_HEAP MATCHES "^[1-5]$")
    list(APPEND sources portable/MemMang/heap_${THREADSNAKE_FREERTOS_HEAP}.c)
  elseif(NOT THREADSNAKE_FREERTOS_HEAP STREQUAL none)
    list(APPEND sources ${THREADSNAKE_FREERTOS_HEAP})
  endif()
  if(port STREQUAL ThirdParty/GCC/Posix)
    list(APPEND sources portable/${port}/utils/wait_for_event.c)
  endif()
  list(TRANSFORM sources PREPEND ${kernel}/ REGEX "^[^/]")
  add_library(freertos_kernel STATIC ${sources})
  target_include_directories(freertos_kernel SYSTEM PUBLIC ${kernel}/include ${kernel}/portable/${port})
  target_link_libraries(freertos_kernel PUBLIC freertos_config)
  target_compile_options(freertos_kernel PRIVATE -ffunction-sections -fdata-sections)

  if(port STREQUAL ThirdParty/GCC/Posix)
    # The port's own calls into libc are replaced (see cures.c), its types are made those of a microcontroller, for
    # every file that sees the kernel, and malloc is safe in tasks.
    set(replaced "")
    foreach(name pthread_create pthread_join pthread_cancel malloc free usleep)
      list(APPEND replaced ${name}=ts_posix_${name})
    endforeach()
    set_source_files_properties(
      ${kernel}/portable/${port}/port.c ${kernel}/portable/${port}/utils/wait_for_event.c
      PROPERTIES COMPILE_DEFINITIONS "${replaced}")
    target_sources(freertos_kernel PRIVATE ${threadsnake_posix_dir}/cures.c)
    target_include_directories(freertos_kernel PUBLIC ${threadsnake_posix_dir})
    target_compile_definitions(freertos_kernel PUBLIC _GNU_SOURCE=)
    target_compile_options(freertos_kernel PUBLIC -pthread "SHELL:-include ${threadsnake_posix_dir}/portmacro.h")
    target_link_options(freertos_kernel INTERFACE -pthread
      LINKER:--wrap=malloc LINKER:--wrap=calloc LINKER:--wrap=realloc LINKER:--wrap=free)
  endif()
endfunction()

if(NOT TARGET freertos_kernel)
  threadsnake_build_kernel()
elseif(THREADSNAKE_TARGET STREQUAL "")
  message(FATAL_ERROR "Threadsnake: on the POSIX port it builds the kernel itself, because the port needs the cures of "
                      "components/freertos/posix; remove the target freertos_kernel, keep freertos_config")
endif()

add_library(threadsnake_shim STATIC ${threadsnake_SOURCE_DIR}/rtos-glue/shim/ts_rtos.c)
target_link_libraries(threadsnake_shim PUBLIC freertos_kernel)
target_compile_options(threadsnake_shim PRIVATE -ffunction-sections -fdata-sections)
# Services use the kernel's queues through the crate freertos-rust, whose shim compiles with the kernel's settings too.
if(threadsnake_rooms)
  threadsnake_package_dir(freertos-rust Cargo.toml threadsnake_rust_shim)
  target_sources(threadsnake_shim PRIVATE ${threadsnake_rust_shim}/src/freertos/shim.c)
endif()
