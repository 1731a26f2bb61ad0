//! The vocabularies in which a session can be read: its events as they are, or as front ends that
//! know nothing of KAI speak.
//!
//! `native` is the stream itself. For the others, a [`Translation`] stands between a subscription
//! and its connection: what the subscription hands out is read back, a state machine notes what
//! the subscriber has been told, and the vocabulary puts it into words. The log and its shared
//! frames know nothing of it. See `docs/events.md` for what becomes of each event.

mod agui;
mod aisdk;
mod native;
mod story;
mod translator;

use bytes::Bytes;
use serde::Deserialize;

use crate::subscription::Subscription;
use translator::Translator;

/// How a subscriber wants to read a session.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    /// The events as they were published.
    #[default]
    Native,
    /// AG-UI events.
    Agui,
    /// The UI message stream of the Vercel AI SDK.
    Aisdk,
}

impl Format {
    /// The vocabulary to translate into, unless there is nothing to translate.
    pub fn vocabulary(self) -> Option<Vocabulary> {
        match self {
            Self::Native => None,
            Self::Agui => Some(Vocabulary::Agui),
            Self::Aisdk => Some(Vocabulary::Aisdk),
        }
    }

    /// The header by which a client knows this format, if it wants one.
    pub fn header(self) -> Option<(&'static str, &'static str)> {
        match self {
            Self::Native | Self::Agui => None,
            Self::Aisdk => Some(("x-vercel-ai-ui-message-stream", "v1")),
        }
    }
}

/// A vocabulary other than our own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Vocabulary {
    /// AG-UI.
    Agui,
    /// The Vercel AI SDK.
    Aisdk,
}

/// A visit in another vocabulary.
#[derive(Debug)]
pub struct Translation {
    subscription: Subscription,
    translator: Translator,
}

impl Translation {
    /// Takes note of what the run that the visit joins has told so far, so that what follows can be
    /// told to one who has not heard it.
    pub async fn join(subscription: Subscription, vocabulary: Vocabulary) -> Self {
        let session = subscription.session_id().to_string();
        let expected = subscription.next_id().to_string();
        let mut translator = Translator::new(vocabulary, session, expected);
        subscription.earlier(|frame| translator.skip(frame)).await;
        translator.go_live();
        Self {
            subscription,
            translator,
        }
    }

    /// The next frames; none when the stream is over. Each call of the subscription's `next` gives
    /// one of these, so keep-alives, deadlines and cursors stay as they are.
    pub async fn next(&mut self) -> Option<Bytes> {
        match self.subscription.next().await {
            Some(frames) => Some(self.translator.translate(&frames)),
            None => self.translator.finish(),
        }
    }
}

#[cfg(test)]
mod tests;
