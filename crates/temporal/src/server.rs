//! A Temporal server, and connecting to it.

use std::collections::BTreeMap;
use std::time::Duration;

use kai_core::config::Secret;
use temporalio_client::tonic::IntoRequest as _;
use temporalio_client::{
    Client, ClientOptions, Connection, ConnectionOptions, GrpcCompression, Url,
};
use temporalio_common::protos::temporal::api::workflowservice::v1::{
    DescribeNamespaceRequest, GetSystemInfoRequest,
};
use temporalio_common::telemetry::metrics::TemporalMeter;

use crate::TemporalError;
use crate::codec::{self, Keyring, Strictness};
use crate::tls::Tls;

/// How long the connection may take to be made.
const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// How long a server may take to answer that it is there.
const PROBE_TIMEOUT: Duration = Duration::from_secs(3);

/// Whether the server that a client is connected to answers at this moment.
pub async fn answers(client: &Client) -> bool {
    let mut service = client.connection().workflow_service();
    let call = service.get_system_info(GetSystemInfoRequest::default().into_request());
    tokio::time::timeout(PROBE_TIMEOUT, call)
        .await
        .is_ok_and(|answer| answer.is_ok())
}

/// Where workflows are started and run, and how it is reached.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Server {
    /// The address, as `HOST:PORT`.
    pub address: String,
    /// The namespace.
    pub namespace: String,
    /// The task queue that workers poll.
    pub task_queue: String,
    pub(crate) api_key: Option<Secret>,
    pub(crate) tls: Option<Tls>,
    pub(crate) headers: BTreeMap<String, String>,
    pub(crate) codec_keys: Option<Keyring>,
}

impl Server {
    /// A server without TLS, keys or encryption, as a development server is.
    pub fn plain(address: impl Into<String>, task_queue: impl Into<String>) -> Self {
        Self {
            address: address.into(),
            namespace: "default".to_owned(),
            task_queue: task_queue.into(),
            api_key: None,
            tls: None,
            headers: BTreeMap::new(),
            codec_keys: None,
        }
    }

    /// Connects, and makes sure that the server knows the namespace. `identity` is the name under
    /// which the server knows this program.
    pub async fn connect(&self, identity: &str) -> Result<Client, TemporalError> {
        self.client(identity, Strictness::Refuse, None).await
    }

    /// Connects as [`connect`](Self::connect) does, for a worker: what was encrypted with a key that
    /// is not here reaches the workflow as it is, which then ends with a reason. Were it an error of
    /// the connection, the server would send the same task again for ever. Calls are counted by
    /// `meter`.
    pub async fn connect_worker(
        &self,
        identity: &str,
        meter: Option<TemporalMeter>,
    ) -> Result<Client, TemporalError> {
        self.client(identity, Strictness::PassOn, meter).await
    }

    async fn client(
        &self,
        identity: &str,
        strictness: Strictness,
        meter: Option<TemporalMeter>,
    ) -> Result<Client, TemporalError> {
        let connecting = self.make_client(identity, strictness, meter);
        tokio::time::timeout(CONNECT_TIMEOUT, connecting)
            .await
            .unwrap_or_else(|_| {
                let reason = format!("no answer within {} s", CONNECT_TIMEOUT.as_secs());
                Err(TemporalError::unreachable(self, reason))
            })
    }

    async fn make_client(
        &self,
        identity: &str,
        strictness: Strictness,
        meter: Option<TemporalMeter>,
    ) -> Result<Client, TemporalError> {
        let scheme = if self.tls.is_some() { "https" } else { "http" };
        let target = Url::parse(&format!("{scheme}://{}", self.address))
            .ok()
            .filter(|url| url.has_host() && url.path() == "/")
            .ok_or_else(|| TemporalError::Address(self.address.clone()))?;
        let headers =
            (!self.headers.is_empty()).then(|| self.headers.clone().into_iter().collect());
        let options = ConnectionOptions::new(target)
            .identity(identity)
            .connect_timeout(CONNECT_TIMEOUT)
            .maybe_metrics_meter(meter)
            .maybe_api_key(self.api_key.as_ref().map(|key| key.expose().to_owned()))
            .maybe_tls_options(self.tls.as_ref().map(Tls::options))
            .maybe_headers(headers)
            .grpc_compression(self.compression())
            // It connects in the background, so that a wrong certificate would show as silence. A
            // connection that breaks looks the name up again without it, too.
            .dns_load_balancing(None)
            .build();
        let connection = Connection::connect(options)
            .await
            .map_err(|error| TemporalError::of_connecting(self, &error))?;
        let request = DescribeNamespaceRequest {
            namespace: self.namespace.clone(),
            ..DescribeNamespaceRequest::default()
        };
        connection
            .workflow_service()
            .describe_namespace(request.into_request())
            .await
            .map_err(|status| TemporalError::of_call(self, &status))?;
        let options = ClientOptions::new(&self.namespace)
            .data_converter(codec::data_converter(self.codec_keys.as_ref(), strictness))
            .build();
        Client::new(connection, options)
            .map_err(|error| TemporalError::unreachable(self, error.to_string()))
    }

    /// What leaves the site is compressed. A connection without TLS stays on a machine or in a
    /// network of its own, where a compressor costs more time and memory than it saves.
    fn compression(&self) -> GrpcCompression {
        if self.tls.is_some() {
            GrpcCompression::Gzip
        } else {
            GrpcCompression::None
        }
    }

    /// The setting that says who this program is.
    pub(crate) fn credential(&self) -> &'static str {
        let has_certificate = self.tls.as_ref().is_some_and(Tls::has_certificate);
        if has_certificate && self.api_key.is_none() {
            "TEMPORAL_TLS_CLIENT_CERT_PATH and TEMPORAL_NAMESPACE"
        } else {
            "TEMPORAL_API_KEY and TEMPORAL_NAMESPACE"
        }
    }
}
