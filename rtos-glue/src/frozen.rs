//! The frozen modules of this image: what `threadsnake-freeze` made of a manifest, or none.
//!
//! Which, is chosen at build time: `THREADSNAKE_FROZEN` names the file that the tool wrote (see `build.rs`).
#![allow(missing_docs, unused_imports, clippy::all, reason = "written by a tool")]

include!(concat!(env!("OUT_DIR"), "/frozen.rs"));
