//! Any body of `POST /events/{session_id}` is refused, or becomes frames of three lines.

use kai_sse_callback::batch;
use kai_sse_callback::frame::{Epoch, EventId};

/// Reads a body, looks closely at what was accepted, and tells how many events it was.
pub(super) fn check(body: &[u8]) -> usize {
    let epoch = Epoch::random();
    let batch = batch::read(body);
    assert_eq!(batch.posts.len(), batch.lines.len());
    let accepted = batch.posts.len();
    for (seq, post) in (1..).zip(batch.posts) {
        let id = EventId { epoch, seq };
        let frame = post.draft.seal(id);
        let frame = std::str::from_utf8(&frame).expect("a frame is text");
        let frame = frame
            .strip_suffix("\n\n")
            .expect("a frame ends with a blank line");
        let [first, kind, data] = frame.split('\n').collect::<Vec<_>>()[..] else {
            panic!("a frame has three lines: {frame:?}");
        };
        assert_eq!(first, format!("id: {id}"));
        assert!(kind.starts_with("event: ") && data.starts_with("data: {"));
        assert!(!frame.contains('\r'));
    }
    accepted
}
