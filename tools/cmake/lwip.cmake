# `threadsnake_net`: our sockets over lwIP, the surrounding project's or one that is built here with them.

foreach(name lwip lwipcore)
  if(NOT THREADSNAKE_LWIP AND TARGET ${name})
    set(THREADSNAKE_LWIP ${name})
  endif()
endforeach()
if(THREADSNAKE_LWIP AND NOT TARGET ${THREADSNAKE_LWIP})
  message(FATAL_ERROR "Threadsnake: THREADSNAKE_LWIP names no target: ${THREADSNAKE_LWIP}")
endif()

set(threadsnake_lwip_dir ${threadsnake_SOURCE_DIR}/components/lwip-sys)
set(sources ts_net.c ts_net_socket.c ts_net_bytes.c ts_net_option.c)
list(TRANSFORM sources PREPEND ${threadsnake_lwip_dir}/shim/)
add_library(threadsnake_net STATIC ${sources})
target_include_directories(threadsnake_net PRIVATE ${threadsnake_lwip_dir}/shim)
target_compile_options(threadsnake_net PRIVATE -ffunction-sections -fdata-sections)
target_link_libraries(threadsnake_net PUBLIC freertos_kernel)

if(THREADSNAKE_LWIP)
  target_compile_definitions(threadsnake_net PRIVATE TS_NET_SOCKETS=${THREADSNAKE_NET_SOCKETS})
  # Its headers and settings, whether it shows them to others or not.
  target_include_directories(threadsnake_net PRIVATE $<TARGET_PROPERTY:${THREADSNAKE_LWIP},INCLUDE_DIRECTORIES>)
  target_compile_definitions(threadsnake_net PRIVATE $<TARGET_PROPERTY:${THREADSNAKE_LWIP},COMPILE_DEFINITIONS>)
  target_link_libraries(threadsnake_net PUBLIC ${THREADSNAKE_LWIP})
else()
  if(LWIP_PATH)
    get_filename_component(LWIP_DIR "${LWIP_PATH}" ABSOLUTE BASE_DIR "${CMAKE_SOURCE_DIR}")
  elseif(NOT "$ENV{LWIP_PATH}" STREQUAL "")
    set(LWIP_DIR "$ENV{LWIP_PATH}")
  else()
    threadsnake_package_dir(lwip components/deps/Cargo.toml LWIP_DIR)
  endif()
  if(NOT EXISTS ${LWIP_DIR}/src/Filelists.cmake)
    message(FATAL_ERROR "Threadsnake: ${LWIP_DIR} is not lwIP: it has no src/Filelists.cmake")
  endif()
  set(THREADSNAKE_LWIP_DIR ${LWIP_DIR} CACHE INTERNAL "lwIP's folder, for tests")
  # lwIP's own list of its files; lwIP and what is over it need one another, so they are one library. The headers are there
  # for C tasks as well.
  set(LWIP_INCLUDE_DIRS ${LWIP_DIR}/src/include ${threadsnake_lwip_dir}/port)
  include(${LWIP_DIR}/src/Filelists.cmake)
  target_sources(threadsnake_net PRIVATE ${lwipcore_SRCS} ${lwipcore4_SRCS} ${lwipapi_SRCS}
    ${LWIP_DIR}/src/netif/ethernet.c ${threadsnake_lwip_dir}/port/sys_arch.c)
  target_include_directories(threadsnake_net SYSTEM PUBLIC ${LWIP_DIR}/src/include)
  target_include_directories(threadsnake_net PUBLIC ${threadsnake_lwip_dir}/port)
  target_compile_definitions(threadsnake_net PUBLIC TS_NET_SOCKETS=${THREADSNAKE_NET_SOCKETS}
    TCPIP_THREAD_PRIO=${THREADSNAKE_NET_PRIORITY})
endif()
