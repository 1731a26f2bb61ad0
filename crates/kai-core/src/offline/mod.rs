//! The embedded question-to-SQL model: it needs no network and gives the same answer every time.
