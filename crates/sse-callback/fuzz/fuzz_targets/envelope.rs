//! Any body of `POST /events/{session_id}` is refused, or becomes frames of three lines.
#![no_main]

use kai_sse_callback::batch;
use kai_sse_callback::frame::{Epoch, EventId};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|body: &[u8]| {
    let epoch = Epoch::random();
    let batch = batch::read(body);
    assert_eq!(batch.posts.len(), batch.lines.len());
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
});
