//! The interactive prompt: friendly, paste, raw and raw-paste modes.
#![no_std]
