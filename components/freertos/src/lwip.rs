//! Adds lwIP, its port to the kernel and our shim over it to what a board compiles.

use crate::kernel::Kernel;
use crate::source::{SourceError, lwip_dir};
use std::path::Path;

/// The package with the port, the settings and the shim.
const LWIP_SYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../lwip-sys");

/// lwIP's files, below `src`: IPv4, TCP, UDP, DHCP, DNS, IGMP, Ethernet, and its own APIs for C tasks.
const FILES: &[&str] = &[
    "core/init.c",
    "core/def.c",
    "core/dns.c",
    "core/inet_chksum.c",
    "core/ip.c",
    "core/mem.c",
    "core/memp.c",
    "core/netif.c",
    "core/pbuf.c",
    "core/raw.c",
    "core/stats.c",
    "core/sys.c",
    "core/tcp.c",
    "core/tcp_in.c",
    "core/tcp_out.c",
    "core/timeouts.c",
    "core/udp.c",
    "core/ipv4/acd.c",
    "core/ipv4/dhcp.c",
    "core/ipv4/etharp.c",
    "core/ipv4/icmp.c",
    "core/ipv4/igmp.c",
    "core/ipv4/ip4.c",
    "core/ipv4/ip4_addr.c",
    "core/ipv4/ip4_frag.c",
    "netif/ethernet.c",
    "api/api_lib.c",
    "api/api_msg.c",
    "api/err.c",
    "api/if_api.c",
    "api/netbuf.c",
    "api/netdb.c",
    "api/netifapi.c",
    "api/sockets.c",
    "api/tcpip.c",
];

impl Kernel {
    /// Compiles lwIP into the same library, with memory for so many sockets.
    ///
    /// # Errors
    /// Those of [`lwip_dir`].
    pub fn lwip(self, sockets: u32) -> Result<Self, SourceError> {
        let lwip = lwip_dir()?.join("src");
        let ours = Path::new(LWIP_SYS);
        let sockets = sockets.to_string();
        let mut kernel = self
            .include(ours.join("port"))
            .include(ours.join("shim"))
            .include(lwip.join("include"))
            .define("TS_NET_SOCKETS", Some(&sockets));
        for header in ["port/lwipopts.h", "port/arch", "shim"] {
            println!("cargo:rerun-if-changed={}", ours.join(header).display());
        }
        let shim = ["ts_net.c", "ts_net_socket.c", "ts_net_bytes.c", "ts_net_option.c"];
        kernel = kernel.file(ours.join("port/sys_arch.c"));
        for file in shim {
            kernel = kernel.file(ours.join("shim").join(file));
        }
        for file in FILES {
            kernel = kernel.file(lwip.join(file));
        }
        Ok(kernel)
    }
}
