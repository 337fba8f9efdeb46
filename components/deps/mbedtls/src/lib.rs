//! Empty on purpose: this package exists for its manifest and its lock file alone.
