//! Python modules about the network: one file each, its table first.

mod address;
pub mod network;
pub mod socket;
#[cfg(feature = "tls")]
pub mod ssl;

use threadsnake_vm::object::RomModule;

/// The modules of this component, for `RunConfig::modules`.
pub static MODULES: &[&RomModule] = &[
    &network::NETWORK,
    &socket::SOCKET,
    #[cfg(feature = "tls")]
    &ssl::SSL,
    #[cfg(feature = "tls")]
    &ssl::TLS,
];
