//! One trace from the caller to the query, as a collector gets it.

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::http::HeaderMap;
use axum::routing::post;
use opentelemetry_proto::tonic::collector::trace::v1::ExportTraceServiceRequest;
use opentelemetry_proto::tonic::common::v1::any_value::Value as AttributeValue;
use opentelemetry_proto::tonic::trace::v1::Span;
use prost::Message as _;
use serde_json::json;
use temporalio_client::WorkflowStartOptions;
use temporalio_common::UntypedWorkflow;
use temporalio_common::data_converters::{PayloadConverter, RawValue};
use temporalio_common::protos::temporal::api::common::v1::{Header, Payload};
use tokio::net::TcpListener;
use uuid::Uuid;

use super::{free_port, model, worker_command};
use crate::harness::{Stack, Worker};

/// The trace that the caller is in.
const TRACE: &str = "4bf92f3577b34da6a3ce929d0e0e4736";
const CALLER: &str = "00f067aa0ba902b7";

/// A collector that keeps what it gets.
#[derive(Clone, Default)]
pub(super) struct Collector {
    spans: Arc<Mutex<Vec<Span>>>,
    resources: Arc<Mutex<Vec<String>>>,
    tokens: Arc<Mutex<Vec<String>>>,
}

impl Collector {
    pub(super) async fn start() -> (Self, String) {
        let collector = Self::default();
        let keeper = collector.clone();
        let take = async move |headers: HeaderMap, body: Bytes| {
            let request = ExportTraceServiceRequest::decode(body).unwrap();
            let token = headers
                .get("x-token")
                .map(|token| token.to_str().unwrap().to_owned());
            keeper.tokens.lock().unwrap().extend(token);
            for resource in request.resource_spans {
                keeper
                    .resources
                    .lock()
                    .unwrap()
                    .push(format!("{:?}", resource.resource));
                for scope in resource.scope_spans {
                    keeper.spans.lock().unwrap().extend(scope.spans);
                }
            }
        };
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = Router::new().route("/v1/traces", post(take));
        tokio::spawn(async move { axum::serve(listener, routes).await });
        (collector, format!("http://{address}"))
    }

    pub(super) fn spans(&self) -> Vec<Span> {
        self.spans.lock().unwrap().clone()
    }
}

fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn attribute(span: &Span, name: &str) -> Option<String> {
    let found = span
        .attributes
        .iter()
        .find(|attribute| attribute.key == name)?;
    match found.value.as_ref()?.value.as_ref()? {
        AttributeValue::StringValue(text) => Some(text.clone()),
        AttributeValue::IntValue(number) => Some(number.to_string()),
        AttributeValue::BoolValue(value) => Some(value.to_string()),
        other => Some(format!("{other:?}")),
    }
}

#[tokio::test]
async fn a_trace_links_the_caller_the_workflow_its_activity_the_turns_and_the_queries() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let (collector, endpoint) = Collector::start().await;
    let model = model::start(0).await;
    let mut command = worker_command(&stack, &format!("http://{model}/v1"), 0);
    command
        .env("OTEL_EXPORTER_OTLP_ENDPOINT", &endpoint)
        .env("OTEL_EXPORTER_OTLP_HEADERS", "x-token=hush")
        .env("OTEL_RESOURCE_ATTRIBUTES", "deployment.environment=test");
    let mut worker = Worker::spawn(command);
    worker
        .line("Worker is healthy and ready to process tasks")
        .await;

    // As Temporal's other SDKs write it.
    let carried = json!({"traceparent": format!("00-{TRACE}-{CALLER}-01")}).to_string();
    let payload = Payload {
        metadata: HashMap::from([("encoding".to_owned(), b"json/plain".to_vec())]),
        data: carried.into_bytes(),
        ..Payload::default()
    };
    let header = Header {
        fields: HashMap::from([("_tracer-data".to_owned(), payload)]),
    };
    let id = format!("test-{}", Uuid::new_v4());
    let options = WorkflowStartOptions::new(&stack.queue, &id)
        .header(header)
        .build();
    let input = RawValue::from_value(&stack.question("t1"), &PayloadConverter::default());
    let workflow = UntypedWorkflow::new("KaiChatWorkflow");
    stack
        .client()
        .start_workflow(workflow, input, options)
        .await
        .unwrap();
    assert_eq!(stack.result(&id).await.unwrap()["status"], "completed");
    // What is left is sent at the end.
    worker.signal("TERM");
    assert!(worker.ended().await.success());

    let spans = collector.spans();
    let by_id: HashMap<&[u8], &Span> = spans
        .iter()
        .map(|span| (span.span_id.as_slice(), span))
        .collect();
    let names: Vec<&str> = spans.iter().map(|span| span.name.as_str()).collect();
    let path = |span: &Span| {
        let mut path = vec![span.name.clone()];
        let mut parent = span.parent_span_id.as_slice();
        while let Some(span) = by_id.get(parent) {
            path.push(span.name.clone());
            parent = &span.parent_span_id;
        }
        assert_eq!(hex(parent), CALLER, "{path:?} of {names:?}");
        path.reverse();
        path.join(" ")
    };
    let paths: Vec<String> = spans.iter().map(path).collect();
    let run = "RunWorkflow:KaiChatWorkflow StartActivity:chat_streaming \
               RunActivity:chat_streaming run";
    for (below, count) in [("", 1), (" model_turn", 4), (" tool query", 3)] {
        let wanted = format!("{run}{below}");
        let found = paths.iter().filter(|path| **path == wanted).count();
        assert_eq!(found, count, "{wanted} in {paths:#?}");
    }
    assert!(paths.contains(&format!("{run} store")), "{paths:#?}");
    assert!(spans.iter().all(|span| hex(&span.trace_id) == TRACE));

    let queries: Vec<&Span> = spans.iter().filter(|span| span.name == "query").collect();
    let outcomes: Vec<_> = queries
        .iter()
        .filter_map(|span| attribute(span, "outcome"))
        .collect();
    assert_eq!(outcomes, ["rejected", "failed", "ok"]);
    assert_eq!(
        attribute(queries[2], "db.system.name").as_deref(),
        Some("sqlite")
    );
    assert_eq!(
        attribute(queries[2], "db.operation.name").as_deref(),
        Some("SELECT")
    );
    assert_eq!(
        attribute(queries[2], "db.response.returned_rows").as_deref(),
        Some("3")
    );
    let all = format!("{spans:?}");
    assert!(
        !all.contains("FROM koperasi") && !all.contains("Mandiri"),
        "{all}"
    );
    let resources = collector.resources.lock().unwrap().join(" ");
    assert!(resources.contains("kai-worker") && resources.contains("deployment.environment"));
    assert!(
        collector
            .tokens
            .lock()
            .unwrap()
            .iter()
            .all(|token| token == "hush")
    );
}

#[tokio::test]
async fn a_collector_that_is_away_costs_runs_nothing() {
    let Some(stack) = Stack::start().await else {
        return;
    };
    let model = model::start(0).await;
    let nowhere = free_port().await;
    let mut command = worker_command(&stack, &format!("http://{model}/v1"), 0);
    command
        .env(
            "OTEL_EXPORTER_OTLP_ENDPOINT",
            format!("http://127.0.0.1:{nowhere}"),
        )
        .env("LOG_FORMAT", "text");
    let mut worker = Worker::spawn(command);
    worker
        .line("Worker is healthy and ready to process tasks")
        .await;
    for session in ["t2", "t3"] {
        let workflow = stack.submit(&stack.question(session)).await;
        assert_eq!(
            stack.result(&workflow).await.unwrap()["status"],
            "completed"
        );
    }
    worker.signal("TERM");
    assert!(worker.ended().await.success());
    let rest = worker.rest().await;
    let told = rest
        .iter()
        .filter(|line| line.contains("the collector takes no traces"));
    assert_eq!(told.count(), 1, "{rest:?}");
}
