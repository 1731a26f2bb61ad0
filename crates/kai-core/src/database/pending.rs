//! A database that is connected to when it is first needed, so that a run can begin to speak before that.

use std::collections::HashMap;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::OnceCell;

use super::catalogue::{Table, TableSummary};
use super::{
    CheckedQuery, ConnectionUri, Database, DatabaseError, Dialect, Excess, Guard, QueryLimits,
    QueryResult, connect,
};
use crate::event::Row;

/// A database that nobody has connected to yet. It is connected to once; what fails is tried again by
/// whoever asks next.
pub struct Pending {
    uri: ConnectionUri,
    schemas: Vec<String>,
    connected: OnceCell<Arc<dyn Database>>,
}

impl Pending {
    /// The database behind the URI, to read from the schemas as [`connect`] does.
    pub fn new(uri: ConnectionUri, schemas: Vec<String>) -> Self {
        Self {
            uri,
            schemas,
            connected: OnceCell::new(),
        }
    }

    async fn database(&self) -> Result<&Arc<dyn Database>, DatabaseError> {
        self.connected
            .get_or_try_init(|| Box::pin(connect(&self.uri, &self.schemas)))
            .await
    }
}

#[async_trait]
impl Database for Pending {
    fn dialect(&self) -> Dialect {
        self.uri.dialect()
    }

    /// Which schemas there are is known when it is connected; until then no schema can be named.
    fn guard(&self) -> Guard {
        self.connected.get().map_or_else(
            || Guard::new(self.dialect(), Vec::new()),
            |database| database.guard(),
        )
    }

    async fn ready(&self) -> Result<(), DatabaseError> {
        self.database().await?.ready().await
    }

    async fn list_tables(&self) -> Result<Vec<TableSummary>, DatabaseError> {
        self.database().await?.list_tables().await
    }

    async fn describe_tables(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        self.database().await?.describe_tables(names).await
    }

    async fn describe_columns(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        self.database().await?.describe_columns(names).await
    }

    async fn first_rows(
        &self,
        names: &[String],
        limits: QueryLimits,
    ) -> Result<HashMap<String, Vec<Row>>, DatabaseError> {
        self.database().await?.first_rows(names, limits).await
    }

    async fn excess_privileges(&self) -> Result<Vec<Excess>, DatabaseError> {
        self.database().await?.excess_privileges().await
    }

    async fn describe_known(&self, names: &[String]) -> Result<Vec<Table>, DatabaseError> {
        self.database().await?.describe_known(names).await
    }

    async fn close(&self) {
        if let Some(database) = self.connected.get() {
            database.close().await;
        }
    }

    async fn query(
        &self,
        query: &CheckedQuery,
        limits: QueryLimits,
    ) -> Result<QueryResult, DatabaseError> {
        self.database().await?.query(query, limits).await
    }
}
