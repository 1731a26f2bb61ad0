//! Settings that lead to a server, and settings that do not: each error is one line naming a setting.
#![allow(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a test that cannot go on should say where"
)]

use std::path::{Path, PathBuf};

use clap::Parser;
use kai_temporal::{TemporalError, TemporalSettings};
use kai_test_support::secured_temporal::{Authority, Demands, Identity, SecuredTemporal, Validity};
use tempfile::TempDir;

/// A program that reaches Temporal.
#[derive(Parser)]
struct Program {
    #[command(flatten)]
    temporal: TemporalSettings,
}

/// Connects with these flags; nothing else that the machine may have set is looked at.
async fn connect(flags: &[&str]) -> Result<(), TemporalError> {
    let mut all = vec!["program"];
    if !flags.contains(&"--temporal-config-file") {
        all.extend(["--temporal-config-file", "/dev/null"]);
    }
    all.extend(flags);
    let program = Program::parse_from(all);
    let server = program.temporal.server()?;
    server.connect("test").await.map(|_| ())
}

/// The line that these flags lead to.
async fn complaint(flags: &[&str]) -> String {
    let line = connect(flags).await.unwrap_err().to_string();
    assert_eq!(line.lines().count(), 1, "{line}");
    line
}

/// A server behind TLS, and everything that a client may need to reach it.
struct Cloud {
    authority: Authority,
    folder: TempDir,
    server: SecuredTemporal,
    host: String,
}

impl Cloud {
    /// `None` when there is no Temporal here.
    async fn start(demands: impl FnOnce(&Authority) -> Demands) -> Option<Self> {
        let upstream = kai_test_support::service("KAI_TEST_TEMPORAL_ADDRESS")?;
        let authority = Authority::new();
        let identity = authority.sign("localhost", Validity::Now);
        let server = SecuredTemporal::start(&upstream, &identity, demands(&authority)).await;
        let folder = TempDir::new().unwrap();
        std::fs::write(folder.path().join("ca.pem"), &authority.certificate).unwrap();
        Some(Self {
            host: format!("localhost:{}", server.address.port()),
            authority,
            folder,
            server,
        })
    }

    async fn with_certificates() -> Option<Self> {
        Self::start(|authority| Demands {
            authority: Some(authority.certificate.clone()),
            ..Demands::default()
        })
        .await
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Writes a certificate and its key beside each other.
    fn write(&self, name: &str, identity: &Identity) -> (String, String) {
        let (certificate, key) = (
            self.path(&format!("{name}.pem")),
            self.path(&format!("{name}.key")),
        );
        std::fs::write(&certificate, &identity.certificate).unwrap();
        std::fs::write(&key, &identity.key).unwrap();
        (text(&certificate), text(&key))
    }

    /// The flags for this server, with more at the end.
    fn flags<'a>(&'a self, ca: &'a str, more: &[&'a str]) -> Vec<&'a str> {
        let mut flags = vec![
            "--temporal-host",
            &self.host,
            "--temporal-tls-server-ca-cert-path",
            ca,
        ];
        flags.extend(more);
        flags
    }
}

fn text(path: &Path) -> String {
    path.display().to_string()
}

#[tokio::test]
async fn a_client_with_a_certificate_is_let_in_and_others_are_told_why_not() {
    let Some(cloud) = Cloud::with_certificates().await else {
        return;
    };
    let ca = text(&cloud.path("ca.pem"));
    let good = cloud.authority.sign("worker", Validity::Now);
    let (certificate, key) = cloud.write("good", &good);
    let with = |certificate: &str, key: &str| {
        [
            "--temporal-tls-client-cert-path".to_owned(),
            certificate.to_owned(),
            "--temporal-tls-client-key-path".to_owned(),
            key.to_owned(),
        ]
    };
    let flags = with(&certificate, &key);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    connect(&cloud.flags(&ca, &flags)).await.unwrap();
    let (certificate_data, key_data) = (
        format!("--temporal-tls-client-cert-data={}", good.certificate),
        format!("--temporal-tls-client-key-data={}", good.key),
    );
    let data = [certificate_data.as_str(), key_data.as_str()];
    connect(&cloud.flags(&ca, &data)).await.unwrap();

    let line = complaint(&cloud.flags(&ca, &[])).await;
    assert!(line.contains("set TEMPORAL_TLS_CLIENT_CERT_PATH"), "{line}");

    let expired = cloud.authority.sign("worker", Validity::Expired);
    let (old, old_key) = cloud.write("expired", &expired);
    let flags = with(&old, &old_key);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let line = complaint(&cloud.flags(&ca, &flags)).await;
    assert!(
        line.contains("has expired; check TEMPORAL_TLS_CLIENT_CERT_PATH"),
        "{line}"
    );

    let stranger = Authority::new().sign("worker", Validity::Now);
    let (other, other_key) = cloud.write("stranger", &stranger);
    let flags = with(&other, &other_key);
    let flags: Vec<&str> = flags.iter().map(String::as_str).collect();
    let line = complaint(&cloud.flags(&ca, &flags)).await;
    assert!(
        line.contains(
            "does not accept the client certificate; check TEMPORAL_TLS_CLIENT_CERT_PATH"
        ),
        "{line}"
    );
}

#[tokio::test]
async fn files_that_cannot_be_used_are_named_by_their_setting() {
    let folder = TempDir::new().unwrap();
    let authority = Authority::new();
    let (one, two) = (
        authority.sign("one", Validity::Now),
        authority.sign("two", Validity::Now),
    );
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        text(&path)
    };
    let (certificate, key) = (
        write("one.pem", &one.certificate),
        write("two.key", &two.key),
    );
    let nonsense = write("nonsense", "hush-hush");
    let nowhere = text(&folder.path().join("nowhere"));
    let profiles = write(
        "temporal.toml",
        "[profile.default]\napi_key = \"hush-hush\"\n[profile.cut]\naddress = \"a:1\"\n",
    );
    let broken = write("broken.toml", "[profile.default]\napi_key = \"hush-hush\n");
    let cert = "--temporal-tls-client-cert-path";
    let cert_key = "--temporal-tls-client-key-path";
    let file = "--temporal-config-file";
    for (flags, says) in [
        (
            vec![cert, &nowhere, cert_key, &key],
            "TEMPORAL_TLS_CLIENT_CERT_PATH: cannot read",
        ),
        (
            vec![cert, &nonsense, cert_key, &key],
            "TEMPORAL_TLS_CLIENT_CERT_PATH: holds no certificate",
        ),
        (
            vec![cert, &certificate, cert_key, &nonsense],
            "TEMPORAL_TLS_CLIENT_KEY_PATH: holds no private key",
        ),
        (
            vec![cert, &certificate, cert_key, &key],
            "TEMPORAL_TLS_CLIENT_KEY_PATH: is not the key of the certificate in TEMPORAL_TLS_CLIENT_CERT_PATH",
        ),
        (
            vec![cert, &certificate],
            "TEMPORAL_TLS_CLIENT_KEY_PATH: is not set",
        ),
        (
            vec![cert_key, &key],
            "TEMPORAL_TLS_CLIENT_CERT_PATH: is not set",
        ),
        (
            vec!["--temporal-tls-server-ca-cert-data", "hush-hush"],
            "TEMPORAL_TLS_SERVER_CA_CERT_DATA: holds no certificate",
        ),
        (
            vec!["--temporal-tls-disable-host-verification", "true"],
            "TEMPORAL_TLS_DISABLE_HOST_VERIFICATION: KAI always checks",
        ),
        (vec![file, &nowhere], "TEMPORAL_CONFIG_FILE: cannot read"),
        (vec![file, &broken], "TEMPORAL_CONFIG_FILE"),
        (
            vec![file, &profiles, "--temporal-profile", "none"],
            "TEMPORAL_PROFILE: there is no profile 'none'",
        ),
        (
            vec!["--temporal-host", "http://a/b"],
            "TEMPORAL_HOST (--temporal-host) cannot be",
        ),
    ] {
        let line = complaint(&flags).await;
        assert!(line.starts_with(says), "{line}");
        assert!(!line.contains("hush"), "{line}");
    }
}

#[tokio::test]
async fn a_server_that_is_not_who_it_should_be_is_told_apart() {
    let Some(upstream) = kai_test_support::service("KAI_TEST_TEMPORAL_ADDRESS") else {
        return;
    };
    let Some(cloud) = Cloud::start(|_| Demands::default()).await else {
        return;
    };
    let ca = text(&cloud.path("ca.pem"));
    connect(&cloud.flags(&ca, &[])).await.unwrap();

    let line = complaint(&["--temporal-host", &cloud.host, "--temporal-tls", "true"]).await;
    assert!(
        line.contains("check TEMPORAL_TLS_SERVER_CA_CERT_PATH"),
        "{line}"
    );

    let address = cloud.server.address.to_string();
    let by_address = [
        "--temporal-host",
        &address,
        "--temporal-tls-server-ca-cert-path",
        &ca,
    ];
    let line = complaint(&by_address).await;
    assert!(line.contains("set TEMPORAL_TLS_SERVER_NAME"), "{line}");
    let named = [
        &by_address[..],
        &["--temporal-tls-server-name", "localhost"],
    ]
    .concat();
    connect(&named).await.unwrap();

    let line = complaint(&["--temporal-host", &upstream, "--temporal-tls", "true"]).await;
    assert!(line.contains("set TEMPORAL_TLS=false"), "{line}");
    let line = complaint(&["--temporal-host", &cloud.host]).await;
    assert!(line.contains("set TEMPORAL_TLS=true"), "{line}");

    let old = cloud.authority.sign("localhost", Validity::Expired);
    let expired = SecuredTemporal::start(&upstream, &old, Demands::default()).await;
    let host = format!("localhost:{}", expired.address.port());
    let line = complaint(&[
        "--temporal-host",
        &host,
        "--temporal-tls-server-ca-cert-path",
        &ca,
    ])
    .await;
    assert!(
        line.contains("the server's certificate has expired"),
        "{line}"
    );
}

#[tokio::test]
async fn an_api_key_is_shown_over_tls_and_a_wrong_one_is_named() {
    let demands = |_: &Authority| Demands {
        api_key: Some("cloud-key".to_owned()),
        ..Demands::default()
    };
    let Some(cloud) = Cloud::start(demands).await else {
        return;
    };
    let ca = text(&cloud.path("ca.pem"));
    connect(&cloud.flags(&ca, &["--temporal-api-key", "cloud-key"]))
        .await
        .unwrap();
    assert_eq!(cloud.server.authorizations(), ["Bearer cloud-key"]);
    for flags in [vec!["--temporal-api-key", "other-key"], vec![]] {
        let line = complaint(&cloud.flags(&ca, &flags)).await;
        assert!(line.contains("check TEMPORAL_API_KEY"), "{line}");
        assert!(!line.contains("other-key"), "{line}");
    }

    let file = cloud.path("temporal.toml");
    let profile = format!(
        "[profile.cloud]\naddress = \"{}\"\nnamespace = \"default\"\napi_key = \"cloud-key\"\n\
         [profile.cloud.tls]\nserver_ca_cert_path = \"{ca}\"\n",
        cloud.host
    );
    std::fs::write(&file, profile).unwrap();
    let file = text(&file);
    let flags = [
        "--temporal-config-file",
        &file,
        "--temporal-profile",
        "cloud",
    ];
    connect(&flags).await.unwrap();
    // A setting wins over the profile.
    let line = complaint(&[&flags[..], &["--temporal-api-key", "other-key"]].concat()).await;
    assert!(line.contains("check TEMPORAL_API_KEY"), "{line}");
    let line = complaint(&[&flags[..], &["--temporal-namespace", "nowhere"]].concat()).await;
    assert!(line.contains("no namespace 'nowhere'"), "{line}");
}

#[tokio::test]
async fn a_server_that_is_not_there_is_told_at_once() {
    let line = complaint(&["--temporal-host", "localhost:1"]).await;
    assert!(
        line.contains("cannot reach Temporal at localhost:1"),
        "{line}"
    );
    assert!(line.contains("TEMPORAL_HOST"), "{line}");
    let line = complaint(&["--temporal-host", "nowhere.invalid:7233"]).await;
    assert!(
        line.contains("cannot reach Temporal at nowhere.invalid:7233"),
        "{line}"
    );
}

#[test]
fn settings_show_no_secret_and_name_one_task_queue() {
    let program = Program::parse_from([
        "program",
        "--temporal-api-key",
        "cloud-key",
        "--temporal-tls-client-key-data",
        "hush-hush",
        "--temporal-codec-keys",
        "a:MDEyMzQ1Njc4OTAxMjM0NTY3ODkwMTIzNDU2Nzg5MDE=",
        "--org-id",
        "acme",
    ]);
    let shown = format!("{:?}", program.temporal);
    for secret in ["cloud-key", "hush-hush", "MDEyMzQ1"] {
        assert!(!shown.contains(secret), "{shown}");
    }
    assert_eq!(program.temporal.task_queue(), "kai-acme-queue");
}
