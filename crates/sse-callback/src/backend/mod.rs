//! Where sessions are kept: in this process, or in a Redis that several receivers share.

mod due;
pub mod redis;

use std::sync::Arc;

use clap::ValueEnum;
use kai_core::ids::SessionId;

use crate::hub::{Hub, Opening, PublishError, Published, Receipt, SubscribeError};
use crate::log::Visit;
use crate::producer::Post;

pub(crate) use due::Due;
pub use redis::Redis;

/// The backends there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// The memory of this process: nothing else is needed, and a restart loses everything.
    #[default]
    Memory,
    /// A Redis: receivers that use the same one share their sessions.
    Redis,
}

/// A backend. Clones are the same one.
#[derive(Debug, Clone)]
pub enum Backend {
    /// The hub's logs are the sessions.
    Memory(Arc<Hub>),
    /// The hub's logs follow those in Redis.
    Redis(Arc<Redis>),
}

impl Backend {
    /// The sessions as far as they are in this process; streams read from there.
    pub fn hub(&self) -> &Arc<Hub> {
        match self {
            Self::Memory(hub) => hub,
            Self::Redis(redis) => redis.hub(),
        }
    }

    /// See [`Hub::publish`].
    pub async fn publish(&self, session: &SessionId, post: Post) -> Result<Receipt, PublishError> {
        match self {
            Self::Memory(hub) => hub.publish(session, post),
            Self::Redis(redis) => redis.publish(session, post).await,
        }
    }

    /// See [`Hub::publish_all`].
    pub async fn publish_all(&self, session: &SessionId, posts: Vec<Post>) -> Published {
        match self {
            Self::Memory(hub) => hub.publish_all(session, posts),
            Self::Redis(redis) => redis.publish_all(session, posts).await,
        }
    }

    /// See [`Hub::subscribe`].
    pub async fn subscribe(
        &self,
        session: &SessionId,
        visit: &Visit,
    ) -> Result<Opening, SubscribeError> {
        match self {
            Self::Memory(hub) => hub.subscribe(session, visit),
            Self::Redis(redis) => redis.subscribe(session, visit).await,
        }
    }

    /// Lets streams have what was taken for them so far, before they end.
    pub async fn settle(&self) {
        match self {
            Self::Memory(_) => {}
            Self::Redis(redis) => redis.settle().await,
        }
    }

    /// Whether it takes events.
    pub fn is_ready(&self) -> bool {
        !self.hub().is_stopping()
            && match self {
                Self::Memory(_) => true,
                Self::Redis(redis) => redis.is_up(),
            }
    }
}
