//! The bounded, ordered sender of events to a callback URL.
