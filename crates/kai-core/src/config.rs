//! Settings from flags, the environment or an `.env` file, each declared once.
