//! What KAI itself remembers.
