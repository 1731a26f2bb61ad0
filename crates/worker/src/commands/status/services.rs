//! How the services over HTTP are: the receiver, the model, the control plane.

use std::time::Duration;

use kai_core::cause::innermost;
use kai_core::config::ModelFamily;
use kai_core::delivery::{CallbackUrl, CallbackUrlError};
use kai_core::http;
use kai_core::model::openai::Family;
use reqwest::header::HeaderMap;
use reqwest::{StatusCode, Url};
use serde_json::Value;

use super::part::Part;
use crate::cli::Cli;

/// How long a service may take to answer.
const ANSWER_TIMEOUT: Duration = Duration::from_secs(5);

/// The most bytes of an answer that are read: services list up to a few hundred models.
const MOST_READ: usize = 4 << 20;

/// Where a receiver is when nobody has said anything else.
const USUAL_RECEIVER: &str = "http://localhost:8092";

/// The receiver that runs are watched on. Callers name it run by run, so that the worker has no setting
/// for it: without one named here it is looked for in its usual place, and may be absent.
pub(super) async fn receiver(cli: &Cli, named: Option<&Url>) -> Part {
    let host = named.map_or(USUAL_RECEIVER, |url| url.as_str().trim_end_matches('/'));
    let allowed = &cli.callback.callback_allowed_hosts;
    if let (Some(_), Err(error)) = (named, CallbackUrl::parse(host, allowed)) {
        let advice = match error {
            CallbackUrlError::HostNotAllowed(_) => "add it there, or name another",
            _ => "name another",
        };
        return Part::failed(
            "receiver",
            format_args!("{host}: {error}; {advice} with --callback-host"),
        );
    }
    match get(&format!("{host}/healthz"), HeaderMap::new()).await {
        Ok((StatusCode::OK, _)) => Part::ok("receiver", host),
        Ok((status, _)) => Part::failed(
            "receiver",
            format_args!("{host} answers with status {status}; is that a kai-sse-callback?"),
        ),
        Err(reason) if named.is_some() => Part::failed(
            "receiver",
            format_args!("cannot reach {host}: {reason}; start `kai-sse-callback` there"),
        ),
        Err(_) => Part::warning(
            "receiver",
            format_args!(
                "none at {host}; start `kai-sse-callback`, or name yours with --callback-host"
            ),
        ),
    }
}

/// The model, and whether its service knows the key and the name. Asking which models there are costs
/// nothing.
pub(super) async fn model(cli: &Cli) -> Part {
    let model = match cli.model.build(cli.agent.agent_language) {
        Ok(model) => model,
        Err(error) => return Part::failed("model", error),
    };
    let settings = &cli.model;
    let (family, key) = match settings.family() {
        ModelFamily::Offline => return Part::ok("model", model.name()),
        ModelFamily::Openai => (Family::OpenAi, settings.openai_api_key.as_ref()),
        ModelFamily::Google => (Family::Google, settings.google_api_key.as_ref()),
        ModelFamily::Openrouter => (Family::OpenRouter, settings.openrouter_api_key.as_ref()),
        ModelFamily::Ollama => (Family::Ollama, None),
    };
    let base = settings
        .chat_base_url
        .as_deref()
        .unwrap_or(family.base_url());
    let url = format!("{}/models", base.trim_end_matches('/'));
    let headers = key.map(http::bearer).unwrap_or_default();
    let name = model.name();
    match get(&url, headers).await {
        Ok((StatusCode::OK, body)) => {
            let wanted = settings.chat_model.as_deref().unwrap_or_default();
            match lists(&body, wanted) {
                Some(false) => Part::warning(
                    "model",
                    format_args!(
                        "{name}: the service at {base} does not list it; check CHAT_MODEL"
                    ),
                ),
                Some(true) | None => Part::ok("model", format_args!("{name} at {base}")),
            }
        }
        Ok((status @ (StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN), _)) => Part::failed(
            "model",
            format_args!(
                "{name}: the service at {base} refuses this key ({status}); check {}",
                family.key_setting().unwrap_or("CHAT_BASE_URL")
            ),
        ),
        Ok((status, _)) => Part::warning(
            "model",
            format_args!("{name}: {url} answers with status {status}; check CHAT_BASE_URL"),
        ),
        Err(reason) => Part::failed(
            "model",
            format_args!("{name}: cannot reach {base}: {reason}; check CHAT_BASE_URL"),
        ),
    }
}

/// Whether a list of models has this one; `None` where it is no such list. Google's names begin with
/// `models/`, and Ollama's end with `:latest` where nobody says which.
fn lists(body: &[u8], wanted: &str) -> Option<bool> {
    let list: Value = serde_json::from_slice(body).ok()?;
    let models = list.get("data")?.as_array()?;
    Some(models.iter().any(|model| {
        let id = model.get("id").and_then(Value::as_str).unwrap_or_default();
        let id = id.strip_prefix("models/").unwrap_or(id);
        id == wanted || id.strip_suffix(":latest") == Some(wanted)
    }))
}

/// The control plane. It has no question that changes nothing, so any answer is taken for life.
pub(super) async fn control_plane(cli: &Cli) -> Part {
    let settings = &cli.control_plane;
    if cli.temporal.org_id.is_none() || settings.kai_api_key.is_none() {
        return Part::ok(
            "control plane",
            "not used: that takes both ORG_ID and KAI_API_KEY",
        );
    }
    let url = settings.control_plane_url.to_string();
    match get(&url, HeaderMap::new()).await {
        Ok(_) => Part::ok("control plane", format_args!("{url} answers")),
        Err(reason) => Part::failed(
            "control plane",
            format_args!("cannot reach {url}: {reason}; check CONTROL_PLANE_URL"),
        ),
    }
}

/// Whether the key, the name and the address that a local Ollama has are there: the names of its models.
pub(in super::super) async fn ollama_models() -> Option<Vec<String>> {
    let url = format!("{}/models", Family::Ollama.base_url());
    let (status, body) = get(&url, HeaderMap::new()).await.ok()?;
    let list: Value = serde_json::from_slice(&body).ok()?;
    let models = list.get("data")?.as_array()?;
    let names = models.iter().filter_map(|model| model.get("id")?.as_str());
    (status == StatusCode::OK).then(|| names.map(ToOwned::to_owned).collect())
}

/// What the address answers, or why it does not.
async fn get(url: &str, headers: HeaderMap) -> Result<(StatusCode, Vec<u8>), String> {
    let asking = async {
        let client = http::client_builder().build()?;
        let mut answer = client.get(url).headers(headers).send().await?;
        let mut body = Vec::new();
        while let Some(piece) = answer.chunk().await? {
            body.extend_from_slice(&piece);
            if body.len() > MOST_READ {
                break;
            }
        }
        Ok((answer.status(), body))
    };
    tokio::time::timeout(ANSWER_TIMEOUT, asking)
        .await
        .map_err(|_| format!("no answer within {} s", ANSWER_TIMEOUT.as_secs()))?
        // The address stands beside it.
        .map_err(|error: reqwest::Error| innermost(&error.without_url()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_model_is_found_under_the_names_that_services_give_it() {
        let body = br#"{"data": [{"id": "models/gemini-2.5-pro"}, {"id": "llama3.2:latest"}]}"#;
        assert_eq!(lists(body, "gemini-2.5-pro"), Some(true));
        assert_eq!(lists(body, "llama3.2"), Some(true));
        assert_eq!(lists(body, "gpt-4o"), Some(false));
        assert_eq!(lists(b"<html>", "gpt-4o"), None);
    }
}
