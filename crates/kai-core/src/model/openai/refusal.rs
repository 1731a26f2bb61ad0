//! What a service's refusal means: whose fault it is, and whether another try may help.

use std::time::Duration;

use async_openai::error::OpenAIError;
use serde_json::Value;

use super::Key;
use super::transport::StatusError;
use crate::config::Secret;
use crate::model::ModelError;

/// How many characters of a service's own words are told.
const MAX_REASON: usize = 300;

/// Whom the errors are about.
pub(super) struct Service {
    name: String,
    /// The setting that the key came from, or the one that says where to go without a key.
    key_setting: &'static str,
    key: Option<Secret>,
}

/// A turn that was not given, or broke.
#[derive(Debug)]
pub(super) struct Failure {
    pub(super) error: ModelError,
    /// How long the service wants to be left alone.
    pub(super) retry_after: Option<Duration>,
}

/// What a refusal says.
struct Refusal {
    status: u16,
    /// In the service's words.
    message: String,
    /// Message and codes, in small letters, to be searched.
    all: String,
    retry_after: Option<Duration>,
}

impl Service {
    /// The model with this name, asked with this key.
    pub(super) fn new(name: String, key: Option<&Key>) -> Self {
        Self {
            name,
            key_setting: key.map_or("CHAT_BASE_URL", |key| key.setting),
            key: key.map(|key| key.secret.clone()),
        }
    }

    /// The model's name.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// The service is away, or went away.
    pub(super) fn unavailable(&self, reason: impl Into<String>) -> Failure {
        Failure {
            error: ModelError::Unavailable {
                model: self.name.clone(),
                reason: reason.into(),
            },
            retry_after: None,
        }
    }

    /// The stream of a turn broke.
    pub(super) fn broken(&self, error: &OpenAIError) -> Failure {
        // What could not be read may be what the model said, which belongs into no message.
        match error {
            OpenAIError::JSONDeserialize(error, _) => self.unavailable(format!(
                "the stream broke: a piece of it is no JSON ({error})"
            )),
            error => self.unavailable(format!("the stream broke: {error}")),
        }
    }

    /// The service answered with an error status.
    pub(super) fn refusal(&self, answer: &StatusError) -> Failure {
        let mut refusal = Refusal::read(answer.status, &answer.body);
        if answer.retry_after.is_some() {
            refusal.retry_after = answer.retry_after;
        }
        self.failure(&refusal)
    }

    /// The service put an error into a stream that had begun.
    pub(super) fn error_inside(&self, chunk: &Value) -> Failure {
        let error = chunk.get("error").unwrap_or(chunk);
        let status = error.get("code").and_then(Value::as_u64);
        let status = status.and_then(|code| u16::try_from(code).ok());
        // Without a status nothing is known but that it failed, which may pass.
        self.failure(&Refusal::read(status.unwrap_or(500), &chunk.to_string()))
    }

    /// The service answered, but refused to say what was asked for.
    pub(super) fn filtered(&self) -> Failure {
        Failure {
            error: ModelError::Refused {
                model: self.name.clone(),
                reason: "its content filter stopped the answer".to_owned(),
            },
            retry_after: None,
        }
    }

    fn failure(&self, refusal: &Refusal) -> Failure {
        let model = self.name.clone();
        let status = refusal.status;
        let mut reason = format!("{status} {}", refusal.message);
        if let Some(key) = self
            .key
            .as_ref()
            .map(Secret::expose)
            .filter(|key| !key.is_empty())
        {
            reason = reason.replace(key, "***");
        }
        let error = if refusal.is_too_long() {
            ModelError::ContextTooLong { model, reason }
        } else if refusal.is_unpaid() {
            ModelError::Unpaid {
                model,
                reason,
                setting: self.key_setting,
            }
        } else if refusal.is_wrong_key() {
            ModelError::WrongKey {
                model,
                setting: self.key_setting,
            }
        } else if refusal.is_unknown_model() {
            ModelError::UnknownModel { model, reason }
        } else if refusal.may_pass() {
            ModelError::Unavailable { model, reason }
        } else {
            ModelError::Refused {
                model,
                reason: refusal.advise(reason),
            }
        };
        Failure {
            error,
            retry_after: refusal.retry_after,
        }
    }
}

impl Refusal {
    /// Reads what a service says: each family puts its words elsewhere.
    fn read(status: u16, body: &str) -> Self {
        let json: Value = serde_json::from_str(body).unwrap_or_default();
        let root = json.get(0).unwrap_or(&json);
        let error = root.get("error").unwrap_or(root);
        let words = [
            error.as_str(),
            error.get("message").and_then(Value::as_str),
            error.get("detail").and_then(Value::as_str),
            root.get("message").and_then(Value::as_str),
        ];
        let mut message = words
            .into_iter()
            .flatten()
            .next()
            .unwrap_or_default()
            .to_owned();
        // OpenRouter passes on what the model's own service said.
        if let Some(raw) = error.pointer("/metadata/raw") {
            let raw = raw.as_str().map_or_else(|| raw.to_string(), str::to_owned);
            message = format!("{message}: {raw}");
        }
        let is_page = body.trim_start().starts_with('<');
        if message.is_empty() && !is_page {
            body.clone_into(&mut message);
        }
        let codes = ["code", "type", "status"].map(|field| {
            let code = error.get(field).unwrap_or(&Value::Null);
            code.as_str()
                .map_or_else(|| code.to_string(), str::to_owned)
        });
        let delays = error.get("details").and_then(Value::as_array);
        let delays = delays.into_iter().flatten().filter_map(|detail| {
            let delay = detail.get("retryDelay")?.as_str()?;
            Duration::try_from_secs_f64(delay.strip_suffix('s')?.parse().ok()?).ok()
        });
        Self {
            status,
            all: format!("{message} {}", codes.join(" ")).to_lowercase(),
            message: message.trim().chars().take(MAX_REASON).collect(),
            retry_after: delays.max(),
        }
    }

    fn says(&self, words: &[&str]) -> bool {
        words.iter().any(|words| self.all.contains(words))
    }

    fn is_too_long(&self) -> bool {
        let says_so = self.says(&[
            "context_length_exceeded",
            "maximum context length",
            "exceeds the maximum number of tokens",
            "exceed_context_size",
            "exceeds the available context size",
            "exceeds the context",
            "exceeds context",
            "context window",
            "prompt is too long",
            "input is too long",
            "too large for model",
            "reduce the length of the messages",
            // The part of a limit per minute that one request may take.
            "request too large",
        ]);
        self.status == 413 || says_so
    }

    fn is_unpaid(&self) -> bool {
        self.status == 402
            || (matches!(self.status, 403 | 429)
                && self.says(&[
                    "insufficient_quota",
                    "insufficient credits",
                    "check your plan and billing",
                ])
                && self.retry_after.is_none())
    }

    fn is_wrong_key(&self) -> bool {
        let is_other = self.says(&[
            "model",
            "region",
            "country",
            "location",
            "moderation",
            "flagged",
        ]);
        match self.status {
            401 => true,
            403 => !is_other || self.says(&["key", "credential"]),
            400 => self.says(&["api key not valid", "api_key_invalid", "invalid api key"]),
            _ => false,
        }
    }

    fn is_unknown_model(&self) -> bool {
        let names_model = self.says(&["model", "endpoints found"]);
        match self.status {
            404 => names_model,
            400 | 403 | 422 => self.says(&[
                "model_not_found",
                "not a valid model",
                "does not have access to model",
                "unknown model",
                "invalid model",
                "model does not exist",
            ]),
            _ => false,
        }
    }

    fn may_pass(&self) -> bool {
        match self.status {
            408 | 409 | 425 | 429 => true,
            // Not implemented, and a version of HTTP that is not spoken, stay so.
            501 | 505 => false,
            status => status >= 500,
        }
    }

    /// The reason, with what can be done where the service does not say.
    fn advise(&self, reason: String) -> String {
        let advice = match self.status {
            300..400 => "it is elsewhere; check CHAT_BASE_URL",
            404 | 405 => "there is no chat completions service; check CHAT_BASE_URL",
            _ if self.says(&["support tool", "support function"]) => {
                "choose a model in CHAT_MODEL that can call tools"
            }
            _ => return reason,
        };
        format!("{}; {advice}", reason.trim_end())
    }
}

/// The error with what caused it.
pub(super) fn describe(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a refusal becomes, and how long the service wants to be left alone.
    fn failure(status: u16, body: &str) -> Failure {
        let key = Key {
            secret: Secret::from("sk-hush".to_owned()),
            setting: "OPENAI_API_KEY",
        };
        let service = Service::new("openai/gpt-9".to_owned(), Some(&key));
        service.refusal(&StatusError {
            status,
            retry_after: None,
            body: body.to_owned(),
        })
    }

    fn kind(status: u16, body: &str) -> &'static str {
        let error = failure(status, body).error;
        let text = error.to_string();
        assert!(text.starts_with("openai/gpt-9 "), "{text}");
        assert!(!text.contains("sk-hush"), "{text}");
        match error {
            ModelError::WrongKey { .. } => "key",
            ModelError::UnknownModel { .. } => "model",
            ModelError::Unpaid { .. } => "unpaid",
            ModelError::ContextTooLong { .. } => "too long",
            ModelError::Refused { .. } => "refused",
            ModelError::Unavailable { .. } => "unavailable",
            ModelError::MissingSetting(_) => "setting",
        }
    }

    /// What services of each family say, and what that becomes.
    const SAID: &[(u16, &str, &str)] = &[
        // OpenAI
        (
            401,
            r#"{"error":{"message":"Incorrect API key provided: sk-hush.","type":"invalid_request_error","param":null,"code":"invalid_api_key"}}"#,
            "key",
        ),
        (
            404,
            r#"{"error":{"message":"The model `gpt-9` does not exist or you do not have access to it.","code":"model_not_found"}}"#,
            "model",
        ),
        (
            403,
            r#"{"error":{"message":"Project `p` does not have access to model `gpt-9`","code":"model_not_found"}}"#,
            "model",
        ),
        (
            403,
            r#"{"error":{"message":"Country, region, or territory not supported","code":"unsupported_country_region_territory"}}"#,
            "refused",
        ),
        (
            400,
            r#"{"error":{"message":"This model's maximum context length is 8192 tokens.","code":"context_length_exceeded"}}"#,
            "too long",
        ),
        (
            429,
            r#"{"error":{"message":"You exceeded your current quota","type":"insufficient_quota","code":"insufficient_quota"}}"#,
            "unpaid",
        ),
        (
            429,
            r#"{"error":{"message":"Rate limit reached for gpt-9","code":"rate_limit_exceeded"}}"#,
            "unavailable",
        ),
        (
            429,
            r#"{"error":{"message":"Request too large for gpt-9 on tokens per min (TPM)","code":"rate_limit_exceeded"}}"#,
            "too long",
        ),
        (500, "", "unavailable"),
        // Google
        (
            400,
            r#"[{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.","status":"INVALID_ARGUMENT"}}]"#,
            "key",
        ),
        (
            404,
            r#"[{"error":{"code":404,"message":"models/gpt-9 is not found for API version v1main","status":"NOT_FOUND"}}]"#,
            "model",
        ),
        (
            400,
            r#"[{"error":{"code":400,"message":"The input token count (1100000) exceeds the maximum number of tokens allowed (1048576).","status":"INVALID_ARGUMENT"}}]"#,
            "too long",
        ),
        (
            503,
            r#"[{"error":{"code":503,"message":"The model is overloaded.","status":"UNAVAILABLE"}}]"#,
            "unavailable",
        ),
        // OpenRouter
        (
            401,
            r#"{"error":{"message":"No auth credentials found","code":401}}"#,
            "key",
        ),
        (
            402,
            r#"{"error":{"message":"Insufficient credits","code":402}}"#,
            "unpaid",
        ),
        (
            400,
            r#"{"error":{"message":"gpt-9 is not a valid model ID","code":400}}"#,
            "model",
        ),
        (
            404,
            r#"{"error":{"message":"No endpoints found for gpt-9.","code":404}}"#,
            "model",
        ),
        (
            400,
            r#"{"error":{"message":"Provider returned error","code":400,"metadata":{"raw":"{\"message\":\"prompt is too long: 210000 tokens\"}"}}}"#,
            "too long",
        ),
        (
            502,
            r#"{"error":{"message":"Provider returned error","code":502}}"#,
            "unavailable",
        ),
        // Ollama
        (
            404,
            r#"{"error":{"message":"model 'gpt-9' not found","type":"not_found_error","param":null,"code":null}}"#,
            "model",
        ),
        (
            404,
            r#"{"error":"model \"gpt-9\" not found, try pulling it first"}"#,
            "model",
        ),
        (
            400,
            r#"{"error":{"message":"registry.ollama.ai/library/gpt-9 does not support tools","type":"api_error"}}"#,
            "refused",
        ),
        // vLLM, llama.cpp
        (
            404,
            r#"{"object":"error","message":"The model `gpt-9` does not exist.","type":"NotFoundError","code":404}"#,
            "model",
        ),
        (
            400,
            r#"{"error":{"code":400,"message":"the request exceeds the available context size","type":"exceed_context_size_error"}}"#,
            "too long",
        ),
        // What stands between
        (413, "<html>Payload Too Large</html>", "too long"),
        (502, "<html>Bad Gateway</html>", "unavailable"),
        (404, "404 page not found", "refused"),
        (301, "", "refused"),
        (403, "<html>Forbidden</html>", "key"),
        (501, "[]", "refused"),
    ];

    #[test]
    fn every_family_is_understood() {
        for (status, body, expected) in SAID.iter().copied() {
            assert_eq!(kind(status, body), expected, "{status} {body}");
        }
    }

    #[test]
    fn a_refusal_says_what_to_do() {
        let said = |status, body: &str| failure(status, body).error.to_string();
        assert_eq!(
            said(404, "404 page not found"),
            "openai/gpt-9 refused the request: 404 404 page not found; there is no chat completions \
             service; check CHAT_BASE_URL"
        );
        assert!(said(400, r#"{"error":"does not support tools"}"#).contains("CHAT_MODEL"));
        assert!(said(404, r#"{"error":"model not found"}"#).contains("check CHAT_MODEL"));
        assert!(said(413, "").contains("CHAT_MODEL"));
        assert!(said(402, "").contains("OPENAI_API_KEY"));
        let long = format!(r#"{{"error":{{"message":"{}"}}}}"#, "é".repeat(9_999));
        assert!(said(400, &long).chars().count() < 400);
    }

    #[test]
    fn google_says_in_the_body_how_long_to_wait() {
        let body = r#"[{"error":{"code":429,"message":"Quota exceeded, check your plan and billing details","status":"RESOURCE_EXHAUSTED",
            "details":[{"@type":"x"},{"@type":"RetryInfo","retryDelay":"37.5s"}]}}]"#;
        let failure = failure(429, body);
        assert!(failure.error.is_retryable(), "{}", failure.error);
        assert_eq!(failure.retry_after, Some(Duration::from_millis(37_500)));
    }
}
