//! Wishes: sentences that ask for something to be done, which no query does.

use super::link::Piece;

/// Whether the question begins with a wish that something be done: "cancel order 12".
pub(super) fn is_order(first: &Piece, pieces: &[Piece]) -> bool {
    /// Verbs that open no noun.
    const WISHES: &[&str] = &[
        "cancel",
        "refund",
        "approve",
        "reject",
        "notify",
        "remind",
        "assign",
        "reschedule",
        "promote",
        "hire",
        "fire",
        "restock",
        "unblock",
        "send",
        "batalkan",
        "kirimkan",
        "pindahkan",
        "setujui",
        "tolak",
        "blokir",
        "jadwalkan",
        "hubungi",
        "ingatkan",
        "bayarkan",
        "kembalikan",
        "pecat",
        "pesankan",
        "naikkan",
        "turunkan",
    ];
    /// Verbs that also name things or tell of them, and so need what they are done to.
    const DOUBTFUL: &[&str] = &[
        "book", "order", "pay", "close", "open", "block", "transfer", "move", "raise", "reset",
        "email", "call", "schedule", "extend", "renew", "tutup", "buka", "bayar", "pesan", "kirim",
    ];
    const DETERMINERS: &[&str] = &[
        "a", "an", "the", "this", "that", "my", "our", "all", "ini", "itu",
    ];
    let text = |piece: &Piece| {
        let words = piece.text.to_lowercase();
        words
            .split_whitespace()
            .next()
            .unwrap_or_default()
            .to_owned()
    };
    let verb = text(first);
    let next = pieces
        .iter()
        .find(|piece| piece.span.first() > first.span.first());
    WISHES.contains(&verb.as_str())
        || (DOUBTFUL.contains(&verb.as_str())
            && next.is_some_and(|next| DETERMINERS.contains(&text(next).as_str())))
}
